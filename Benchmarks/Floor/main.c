// The floor: what bare libzmq needs to carry the bytes of zerorpc events between a DEALER and a ROUTER.
// Benchmarks/README.md describes the protocol that this program shares with every other subject.

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "roles.h"
#include "sockets.h"

static int high_water_mark_of(const struct options *options) {
  // A ROUTER drops at its mark, so an echo has none. A stream's window is its mark.
  return options->mode == MODE_STREAM ? (int)options->in_flight : 0;
}

static void *server_socket(void *context, const struct options *options) {
  if (options_are_one_way(options)) return sender_bound(context, options);
  return router_bound(context, options->endpoint, high_water_mark_of(options));
}

static void serve_on(void *socket, const struct options *options) {
  if (options_are_one_way(options)) {
    serve_one_way(socket, options);
  } else {
    serve(socket, options->mode);
  }
}

static int run_server(const struct options *options) {
  void *context = context_for(options->connections);
  void *socket = server_socket(context, options);
  stop_context_when_asked(context);
  char endpoint[1024];
  size_t length = sizeof endpoint;
  if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &length) != 0) fail("cannot read the endpoint");
  printf("ready %s\n", endpoint);
  fflush(stdout);
  serve_on(socket, options);
  zmq_ctx_term(context);
  return 0;
}

struct server_thread {
  void *socket;
  const struct options *options;
};

static void *run_server_thread(void *argument) {
  struct server_thread *server = argument;
  serve_on(server->socket, server->options);
  return NULL;
}

static void run_load(void *context, const struct options *options, struct result *result) {
  switch (options->mode) {
    case MODE_SEQUENTIAL: load_sequential(context, options, result); break;
    case MODE_PIPELINED: load_pipelined(context, options, result); break;
    case MODE_STREAM: load_stream(context, options, result); break;
    case MODE_OPEN_LOOP: load_open_loop(context, options, result); break;
    case MODE_IDLE: load_idle(context, options, result); break;
    case MODE_PUSH:
    case MODE_PUBLISH: load_one_way(context, options, result); break;
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "proxy") == 0) return run_proxy(argc, argv);
  if (argc > 1 && strcmp(argv[1], "stalls") == 0) return run_stalls(argc, argv);
  struct options options = options_parse("zerorpc-bench-floor", argc, argv);
  if (options.role == ROLE_SERVE) return run_server(&options);
  exit_with_parent();
  struct result *result = calloc(1, sizeof *result);
  if (result == NULL) fail("cannot allocate the result");
  histogram_reset(&result->latency);
  void *context = context_for(options.connections + 1);
  if (options_are_in_process(&options)) {
    struct server_thread server = {server_socket(context, &options), &options};
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_server_thread, &server) != 0) fail("cannot start the server's thread");
    run_load(context, &options, result);
    zmq_ctx_shutdown(context);
    pthread_join(thread, NULL);
  } else {
    run_load(context, &options, result);
  }
  zmq_ctx_term(context);
  int status = result_print(result, "floor", &options);
  free(result);
  return status;
}
