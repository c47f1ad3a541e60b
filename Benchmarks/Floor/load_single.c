// The loads that use one connection: one call at a time, and a one-way stream.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "roles.h"
#include "sockets.h"

static char *payload_of(const struct options *options) {
  char *payload = calloc(1, options->size + 1);
  if (payload == NULL) fail("cannot allocate the payload");
  return payload;
}

// Whether a run that has sent this many messages goes on at this time.
static bool goes_on(const struct options *options, uint64_t sent, uint64_t started, uint64_t now) {
  if (options->count != 0 && sent >= options->count) return false;
  return options->seconds == 0 || (double)(now - started) < options->seconds * 1e9;
}

void load_sequential(void *context, const struct options *options, struct result *result) {
  char *payload = payload_of(options);
  void *socket = dealer_connected(context, options->endpoint, 0);
  for (uint64_t index = 0; index < options->warmup; index++) {
    send_event(socket, payload, options->size);
    if (!receive_event(socket, options->size, 0)) fail_stalled(index + 1, index);
  }
  result->started = usage_now();
  uint64_t started = nanoseconds_now();
  for (uint64_t before = started; goes_on(options, result->sent, started, before);) {
    send_event(socket, payload, options->size);
    result->sent++;
    if (!receive_event(socket, options->size, 0)) fail_stalled(result->sent, result->received);
    result->received++;
    uint64_t after = nanoseconds_now();
    histogram_record(&result->latency, after - before);
    before = after;
  }
  result->ended = usage_now();
  zmq_close(socket);
  free(payload);
}

// Sends the end mark and returns how many items the server has counted since the one before.
static uint64_t finish_stream(void *socket, uint64_t sent) {
  if (zmq_send(socket, "end", 3, ZMQ_SNDMORE) < 0 || zmq_send(socket, "", 0, 0) < 0) fail("cannot send");
  char delimiter;
  uint64_t items = 0;
  if (zmq_recv(socket, &delimiter, 1, 0) < 0) fail_stalled(sent, 0);
  if (zmq_recv(socket, &items, sizeof items, 0) < 0) fail_stalled(sent, 0);
  return items;
}

void load_stream(void *context, const struct options *options, struct result *result) {
  char *payload = payload_of(options);
  void *socket = dealer_connected(context, options->endpoint, (int)options->in_flight);
  for (uint64_t index = 0; index < options->warmup; index++) send_event(socket, payload, options->size);
  if (finish_stream(socket, options->warmup) != options->warmup) fail_stalled(options->warmup, 0);
  result->started = usage_now();
  uint64_t started = nanoseconds_now(), now = started;
  while (goes_on(options, result->sent, started, now)) {
    send_event(socket, payload, options->size);
    // A clock read costs as much as a tenth of a send: once in a while is enough to stop in time.
    if ((++result->sent & 63) == 0) now = nanoseconds_now();
  }
  result->received = finish_stream(socket, result->sent);
  result->ended = usage_now();
  zmq_close(socket);
  free(payload);
}

void load_idle(void *context, const struct options *options, struct result *result) {
  char *payload = payload_of(options);
  void **sockets = calloc(options->connections, sizeof *sockets);
  if (sockets == NULL) fail("cannot allocate the connections");
  for (unsigned index = 0; index < options->connections; index++) {
    sockets[index] = dealer_connected(context, options->endpoint, 0);
    send_event(sockets[index], payload, options->size);
    result->sent++;
    if (!receive_event(sockets[index], options->size, 0)) fail_stalled(result->sent, result->received);
    result->received++;
  }
  result->started = usage_now();
  struct timespec pause = {.tv_sec = (time_t)options->seconds};
  pause.tv_nsec = (long)((options->seconds - (double)pause.tv_sec) * 1e9);
  nanosleep(&pause, NULL);
  result->ended = usage_now();
  for (unsigned index = 0; index < options->connections; index++) zmq_close(sockets[index]);
  free(sockets);
  free(payload);
}
