#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "roles.h"
#include "sockets.h"

// Returns false at the end of the context.
static bool receive_frame(zmq_msg_t *frame, void *router) {
  while (zmq_msg_recv(frame, router, 0) < 0) {
    if (errno == ETERM) return false;
    if (errno != EINTR) fail("cannot receive");
  }
  return true;
}

// Every frame goes back as it came, routing id first: nothing is copied or allocated.
static void echo(void *router) {
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  while (receive_frame(&frame, router)) {
    int more = zmq_msg_more(&frame);
    while (zmq_msg_send(&frame, router, more ? ZMQ_SNDMORE : 0) < 0) {
      if (errno == ETERM) return;
      if (errno != EINTR) fail("cannot send");
    }
  }
}

static void count_items(void *router) {
  zmq_msg_t routing_id, frame;
  zmq_msg_init(&routing_id);
  zmq_msg_init(&frame);
  uint64_t items = 0;
  while (receive_frame(&routing_id, router) && receive_frame(&frame, router)) {
    bool is_end = zmq_msg_size(&frame) != 0;
    while (zmq_msg_more(&frame)) {
      if (!receive_frame(&frame, router)) return;
    }
    if (!is_end) {
      items++;
      continue;
    }
    if (zmq_msg_send(&routing_id, router, ZMQ_SNDMORE) < 0) fail("cannot send");
    if (zmq_send(router, "", 0, ZMQ_SNDMORE) < 0) fail("cannot send");
    if (zmq_send(router, &items, sizeof items, 0) < 0) fail("cannot send");
    items = 0;
  }
}

void serve(void *router, enum mode mode) {
  if (mode == MODE_STREAM) {
    count_items(router);
  } else {
    echo(router);
  }
  zmq_close(router);
}
