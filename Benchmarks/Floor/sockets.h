#ifndef FLOOR_SOCKETS_H
#define FLOOR_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

// Exits with status 1 and the text of the current libzmq error.
__attribute__((noreturn)) void fail(const char *what);

// Exits with status 1 because no reply came for ten seconds.
__attribute__((noreturn)) void fail_stalled(uint64_t sent, uint64_t received);

// Returns a context that allows `sockets` sockets, and raises this process's limit of open files to match.
void *context_for(unsigned sockets);

// Returns a ROUTER bound to the endpoint.
void *router_bound(void *context, const char *endpoint, int high_water_mark);

// Returns a DEALER connected to the endpoint; a receive that lasts ten seconds fails with EAGAIN.
void *dealer_connected(void *context, const char *endpoint, int high_water_mark);

// Returns a PUSH or PUB bound to the options' endpoint; the in-flight option is its high-water mark.
void *sender_bound(void *context, const struct options *options);

// Returns a PULL or SUB connected to the options' endpoint; a receive that lasts ten seconds fails with EAGAIN.
void *receiver_connected(void *context, const struct options *options);

// Sends the frames of a zerorpc event: an empty delimiter, then the payload. Waits if the pipe is full.
void send_event(void *socket, const void *payload, size_t size);

// Receives such an event, checks its size, and returns true; false if there is none (`flags`: ZMQ_DONTWAIT) or the
// socket's receive timeout has passed.
bool receive_event(void *socket, size_t size, int flags);

#endif
