#include "sockets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <zmq.h>

// Payloads from here on are handed to libzmq without a copy, as a program that owns its buffer would do.
static const size_t ZERO_COPY_SIZE = 65536;

void fail(const char *what) {
  fprintf(stderr, "zerorpc-bench-floor: %s: %s\n", what, zmq_strerror(zmq_errno()));
  exit(1);
}

void fail_stalled(uint64_t sent, uint64_t received) {
  fprintf(stderr, "zerorpc-bench-floor: no reply for 10 s after %llu sent and %llu received messages\n",
          (unsigned long long)sent, (unsigned long long)received);
  exit(1);
}

void *context_for(unsigned sockets) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  void *context = zmq_ctx_new();
  if (context == NULL) fail("cannot make a context");
  bool is_many = sockets > 1000;
  if (is_many && zmq_ctx_set(context, ZMQ_MAX_SOCKETS, (int)sockets + 16) != 0) fail("cannot raise the socket limit");
  return context;
}

static void set_option(void *socket, int option, int value) {
  if (zmq_setsockopt(socket, option, &value, sizeof value) != 0) fail("cannot set a socket option");
}

static void *socket_of(void *context, int type, int high_water_mark) {
  void *socket = zmq_socket(context, type);
  if (socket == NULL) fail("cannot make a socket");
  set_option(socket, ZMQ_SNDHWM, high_water_mark);
  set_option(socket, ZMQ_RCVHWM, high_water_mark);
  set_option(socket, ZMQ_LINGER, 0);
  return socket;
}

void *router_bound(void *context, const char *endpoint, int high_water_mark) {
  void *socket = socket_of(context, ZMQ_ROUTER, high_water_mark);
  set_option(socket, ZMQ_BACKLOG, 4096);
  if (zmq_bind(socket, endpoint) != 0) fail(endpoint);
  return socket;
}

void *dealer_connected(void *context, const char *endpoint, int high_water_mark) {
  void *socket = socket_of(context, ZMQ_DEALER, high_water_mark);
  set_option(socket, ZMQ_RCVTIMEO, 10000);
  set_option(socket, ZMQ_SNDTIMEO, 10000);
  if (zmq_connect(socket, endpoint) != 0) fail(endpoint);
  return socket;
}

void *sender_bound(void *context, const struct options *options) {
  void *socket = socket_of(context, options->mode == MODE_PUSH ? ZMQ_PUSH : ZMQ_PUB, (int)options->in_flight);
  if (zmq_bind(socket, options->endpoint) != 0) fail(options->endpoint);
  return socket;
}

void *receiver_connected(void *context, const struct options *options) {
  void *socket = socket_of(context, options->mode == MODE_PUSH ? ZMQ_PULL : ZMQ_SUB, (int)options->in_flight);
  set_option(socket, ZMQ_RCVTIMEO, 10000);
  bool is_subscriber = options->mode == MODE_PUBLISH;
  if (is_subscriber && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0) fail("cannot subscribe");
  if (zmq_connect(socket, options->endpoint) != 0) fail(options->endpoint);
  return socket;
}

static void keep(void *data, void *hint) {
  (void)data;
  (void)hint;
}

void send_event(void *socket, const void *payload, size_t size) {
  if (zmq_send(socket, "", 0, ZMQ_SNDMORE) < 0) fail("cannot send");
  if (size < ZERO_COPY_SIZE) {
    if (zmq_send(socket, payload, size, 0) < 0) fail("cannot send");
    return;
  }
  zmq_msg_t message;
  // libzmq does not write to it: the cast only drops the const that its C interface lacks.
  if (zmq_msg_init_data(&message, (void *)payload, size, keep, NULL) != 0) fail("cannot make a message");
  if (zmq_msg_send(&message, socket, 0) < 0) fail("cannot send");
}

bool receive_event(void *socket, size_t size, int flags) {
  zmq_msg_t message;
  zmq_msg_init(&message);
  int received;
  while ((received = zmq_msg_recv(&message, socket, flags)) < 0) {
    if (errno == EAGAIN) return false;
    if (errno != EINTR) fail("cannot receive");
  }
  // A message arrives as a whole: its later frames never make us wait.
  while (zmq_msg_more(&message)) {
    if ((received = zmq_msg_recv(&message, socket, 0)) < 0) fail("cannot receive");
  }
  zmq_msg_close(&message);
  if ((size_t)received != size) {
    fprintf(stderr, "zerorpc-bench-floor: expected %zu bytes, but received %d\n", size, received);
    exit(1);
  }
  return true;
}
