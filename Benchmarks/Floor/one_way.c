// Messages that nobody answers: the server sends, the load receives and counts.

#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "roles.h"
#include "sockets.h"

void serve_one_way(void *socket, const struct options *options) {
  char *payload = calloc(1, options->size + 1);
  if (payload == NULL) fail("cannot allocate the payload");
  while (true) {
    if (zmq_send(socket, payload, options->size, 0) >= 0) continue;
    if (errno == ETERM) break;
    if (errno != EINTR) fail("cannot send");
  }
  zmq_close(socket);
  free(payload);
}

void load_one_way(void *context, const struct options *options, struct result *result) {
  void *socket = receiver_connected(context, options);
  // The first one waits for the connection.
  for (uint64_t index = 0; index <= options->warmup; index++) {
    if (!receive_event(socket, options->size, 0)) fail_stalled(index, index);
  }
  result->started = usage_now();
  uint64_t started = nanoseconds_now(), now = started;
  while ((options->count == 0 || result->received < options->count) &&
         (options->seconds == 0 || (double)(now - started) < options->seconds * 1e9)) {
    if (!receive_event(socket, options->size, 0)) fail_stalled(result->received, result->received);
    if ((++result->received & 63) == 0) now = nanoseconds_now();
  }
  result->ended = usage_now();
  // What PUB drops, and what is still on its way, was not asked for.
  result->sent = result->received;
  zmq_close(socket);
}
