#define _GNU_SOURCE
#include "connections.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "sockets.h"

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/prctl.h>
#endif

static void connection_open(struct connection *connection, void *context, const struct options *options) {
  connection->socket = dealer_connected(context, options->endpoint, 0);
  size_t length = sizeof connection->descriptor;
  if (zmq_getsockopt(connection->socket, ZMQ_FD, &connection->descriptor, &length) != 0) fail("cannot read ZMQ_FD");
  connection->capacity = 64;
  connection->times = calloc(connection->capacity, sizeof *connection->times);
  if (connection->times == NULL) fail("cannot allocate a connection");
}

struct connections connections_open(void *context, const struct options *options) {
  struct connections connections = {.count = options->connections, .options = options, .epoll = -1};
  connections.items = calloc(connections.count, sizeof *connections.items);
  connections.payload = calloc(1, options->size + 1);
  if (connections.items == NULL || connections.payload == NULL) fail("cannot allocate the connections");
#ifdef __linux__
  // The default slack of 50 µs would be the open loop's error.
  prctl(PR_SET_TIMERSLACK, 1000ul);
  connections.epoll = epoll_create1(EPOLL_CLOEXEC);
#endif
  for (unsigned index = 0; index < connections.count; index++) {
    struct connection *connection = &connections.items[index];
    connection_open(connection, context, options);
#ifdef __linux__
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
    if (epoll_ctl(connections.epoll, EPOLL_CTL_ADD, connection->descriptor, &event) != 0) fail("cannot watch a socket");
#endif
  }
  uint64_t each = options->warmup / connections.count + 1;
  for (uint64_t call = 0; call < each; call++) {
    for (unsigned index = 0; index < connections.count; index++) {
      send_event(connections.items[index].socket, connections.payload, options->size);
    }
    for (unsigned index = 0; index < connections.count; index++) {
      if (!receive_event(connections.items[index].socket, options->size, 0)) fail_stalled(each, call);
    }
  }
  return connections;
}

void connections_close(struct connections *connections) {
  for (unsigned index = 0; index < connections->count; index++) {
    zmq_close(connections->items[index].socket);
    free(connections->items[index].times);
  }
  if (connections->epoll >= 0) close(connections->epoll);
  free(connections->items);
  free(connections->payload);
}

static void grow(struct connection *connection) {
  uint64_t capacity = connection->capacity * 2;
  uint64_t *times = calloc(capacity, sizeof *times);
  if (times == NULL) fail("cannot allocate the send times");
  for (uint64_t call = connection->received; call != connection->sent; call++) {
    times[call & (capacity - 1)] = connection->times[call & (connection->capacity - 1)];
  }
  free(connection->times);
  connection->times = times;
  connection->capacity = capacity;
}

void connection_send(struct connections *connections, struct connection *connection, uint64_t time) {
  if (connection->sent - connection->received == connection->capacity) grow(connection);
  connection->times[connection->sent & (connection->capacity - 1)] = time;
  connection->sent++;
  send_event(connection->socket, connections->payload, connections->options->size);
}

uint64_t connection_drain(struct connections *connections, struct connection *connection, struct result *result) {
  uint64_t first = connection->received;
  while (receive_event(connection->socket, connections->options->size, ZMQ_DONTWAIT)) connection->received++;
  if (connection->received == first) return 0;
  // One clock read for the whole burst: the floor must not pay for being measured.
  uint64_t now = nanoseconds_now();
  for (uint64_t call = first; call != connection->received; call++) {
    uint64_t due = connection->times[call & (connection->capacity - 1)];
    if (due >= result->latency_from) histogram_record(&result->latency, now - due);
  }
  result->received += connection->received - first;
  return connection->received - first;
}

unsigned connections_wait(struct connections *connections, uint64_t nanoseconds, unsigned *ready) {
#ifdef __linux__
  struct pollfd epoll = {.fd = connections->epoll, .events = POLLIN};
  struct timespec timeout = {
      .tv_sec = (time_t)(nanoseconds / 1000000000u),
      .tv_nsec = (long)(nanoseconds % 1000000000u),
  };
  // epoll_wait knows only milliseconds.
  if (ppoll(&epoll, 1, &timeout, NULL) <= 0) return 0;
  struct epoll_event events[256];
  int count = epoll_wait(connections->epoll, events, 256, 0);
  if (count < 0) return 0;
  for (int index = 0; index < count; index++) ready[index] = events[index].data.u32;
  return (unsigned)count;
#else
  unsigned count = 0;
  zmq_pollitem_t *items = calloc(connections->count, sizeof *items);
  if (items == NULL) fail("cannot allocate the poll items");
  for (unsigned index = 0; index < connections->count; index++) {
    items[index] = (zmq_pollitem_t){.socket = connections->items[index].socket, .events = ZMQ_POLLIN};
  }
  zmq_poll(items, (int)connections->count, (long)(nanoseconds / 1000000u));
  for (unsigned index = 0; index < connections->count; index++) {
    if (items[index].revents & ZMQ_POLLIN) ready[count++] = index;
  }
  free(items);
  return count;
#endif
}
