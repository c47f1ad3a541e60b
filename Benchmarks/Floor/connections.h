#ifndef FLOOR_CONNECTIONS_H
#define FLOOR_CONNECTIONS_H

#include "options.h"
#include "result.h"

// A DEALER and the times at which its unanswered calls were sent. Replies come in the order of the calls.
struct connection {
  void *socket;
  int descriptor;
  uint64_t *times;    // a ring
  uint64_t capacity;  // a power of two
  uint64_t sent;
  uint64_t received;
};

// Several connections and what it takes to wait for them all.
struct connections {
  struct connection *items;
  unsigned count;
  int epoll;  // Linux only
  const struct options *options;
  char *payload;
};

// Connects and makes `warmup` calls, at least one on each connection.
struct connections connections_open(void *context, const struct options *options);
void connections_close(struct connections *connections);

// Sends one call that counts as sent at the given time.
void connection_send(struct connections *connections, struct connection *connection, uint64_t time);

// Takes every reply that is there and returns their number. A null result records nothing.
uint64_t connection_drain(struct connections *connections, struct connection *connection, struct result *result);

// Waits until a reply may be there on some of the connections, and fills their indices in `ready`, which has room for
// all. Returns their number: 0 after `nanoseconds`. Before it, drain each connection until nothing is left: the
// descriptor of a socket reports only what came after that.
unsigned connections_wait(struct connections *connections, uint64_t nanoseconds, unsigned *ready);

#endif
