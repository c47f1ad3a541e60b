#ifndef FLOOR_ROLES_H
#define FLOOR_ROLES_H

#include "options.h"
#include "result.h"

// Answers on a bound ROUTER until the context is shut down: echoes, or in stream mode counts the items and answers each
// end mark (an event whose delimiter is not empty) with their number. Closes the socket.
void serve(void *router, enum mode mode);

// The load roles fill in a result. `context` also holds the server if the endpoint is inproc.
void load_sequential(void *context, const struct options *options, struct result *result);
void load_pipelined(void *context, const struct options *options, struct result *result);
void load_open_loop(void *context, const struct options *options, struct result *result);
void load_stream(void *context, const struct options *options, struct result *result);
void load_idle(void *context, const struct options *options, struct result *result);

// Pushes or publishes on a bound socket until the context is shut down: as fast as it can. Closes the socket.
void serve_one_way(void *socket, const struct options *options);

// Receives what is pushed or published.
void load_one_way(void *context, const struct options *options, struct result *result);

// Passes messages between clients and a server until SIGTERM, SIGINT or the end of standard input; returns the exit status.
int run_proxy(int argc, char **argv);

// Has two threads, on a processor each, do nothing but look at the clock for a while, and prints when they could not, in nanoseconds
// from the start: {"elapsed_ns": 1000000000, "stalls": [[from, to], …]}. Returns the exit status.
int run_stalls(int argc, char **argv);

// Shuts the context down at SIGTERM, SIGINT or the end of standard input. Call it before any other thread starts.
void stop_context_when_asked(void *context);

// Ends this process when the pipe at its standard input closes, because whoever started it is gone.
void exit_with_parent(void);

#endif
