// The loads that keep many calls in flight: a closed loop with a fixed number, and an open loop with a fixed rate.

#include <stdlib.h>

#include "connections.h"
#include "roles.h"
#include "sockets.h"

static const uint64_t STALL_NANOSECONDS = 10000000000u;

static unsigned *index_list(unsigned count) {
  unsigned *list = calloc(count < 256 ? 256 : count, sizeof *list);
  if (list == NULL) fail("cannot allocate the connections");
  return list;
}

// Calls that a connection keeps in flight: an equal share, the first ones take the rest.
static uint64_t share_of(const struct options *options, unsigned index) {
  return options->in_flight / options->connections + (index < options->in_flight % options->connections ? 1 : 0);
}

// Sends one call for each reply until no reply is left: only then does the socket's descriptor report the next one.
static void keep_in_flight(struct connections *connections, struct connection *connection, struct result *result,
                           uint64_t *limit, uint64_t deadline) {
  uint64_t replies;
  while ((replies = connection_drain(connections, connection, result)) > 0) {
    uint64_t now = nanoseconds_now();
    if (now >= deadline) *limit = result->sent;
    for (; replies > 0 && result->sent < *limit; replies--, result->sent++) {
      connection_send(connections, connection, now);
    }
  }
}

void load_pipelined(void *context, const struct options *options, struct result *result) {
  struct connections connections = connections_open(context, options);
  unsigned *ready = index_list(connections.count);
  uint64_t limit = options->count != 0 ? options->count : UINT64_MAX;
  result->started = usage_now();
  uint64_t started = nanoseconds_now();
  uint64_t deadline = options->seconds != 0 ? started + (uint64_t)(options->seconds * 1e9) : UINT64_MAX;
  for (unsigned index = 0; index < connections.count; index++) {
    for (uint64_t call = share_of(options, index); call > 0 && result->sent < limit; call--, result->sent++) {
      connection_send(&connections, &connections.items[index], started);
    }
  }
  // Sending consumes the edges of a socket's descriptor: look at each one once before waiting for any.
  for (unsigned index = 0; index < connections.count; index++) {
    keep_in_flight(&connections, &connections.items[index], result, &limit, deadline);
  }
  while (result->received < result->sent) {
    unsigned count = connections_wait(&connections, STALL_NANOSECONDS, ready);
    if (count == 0) fail_stalled(result->sent, result->received);
    for (unsigned position = 0; position < count; position++) {
      keep_in_flight(&connections, &connections.items[ready[position]], result, &limit, deadline);
    }
  }
  result->ended = usage_now();
  free(ready);
  connections_close(&connections);
}

static void drain_all(struct connections *connections, struct result *result) {
  for (unsigned index = 0; index < connections->count; index++) {
    connection_drain(connections, &connections->items[index], result);
  }
}

void load_open_loop(void *context, const struct options *options, struct result *result) {
  struct connections connections = connections_open(context, options);
  unsigned *ready = index_list(connections.count);
  double interval = 1e9 / options->rate;
  uint64_t limit = options->count != 0 ? options->count : UINT64_MAX;
  if (options->seconds != 0 && options->seconds * options->rate < (double)limit) {
    limit = (uint64_t)(options->seconds * options->rate) + 1;
  }
  result->started = usage_now();
  uint64_t started = nanoseconds_now(), progressed = started;
  // Processes that begin at full load have cold code and no memory yet: the first quarter is not recorded.
  result->latency_from = started + (uint64_t)((double)(limit / 4) * interval);
  for (;;) {
    uint64_t now = nanoseconds_now(), received = result->received;
    uint64_t next = started + (uint64_t)((double)result->sent * interval);
    // A call that is late counts from when it was due, so that a stall is not hidden (no coordinated omission).
    for (unsigned burst = 0; result->sent < limit && next <= now && burst < 64; burst++) {
      connection_send(&connections, &connections.items[result->sent % connections.count], next);
      result->sent++;
      next = started + (uint64_t)((double)result->sent * interval);
    }
    drain_all(&connections, result);
    now = nanoseconds_now();
    if (result->received != received || result->received == result->sent) progressed = now;
    if (result->received == limit) break;
    if (now - progressed > STALL_NANOSECONDS) fail_stalled(result->sent, result->received);
    if (result->sent < limit && next <= now) continue;
    uint64_t patience = result->sent < limit ? next - now : STALL_NANOSECONDS;
    connections_wait(&connections, patience, ready);
  }
  result->ended = usage_now();
  free(ready);
  connections_close(&connections);
}
