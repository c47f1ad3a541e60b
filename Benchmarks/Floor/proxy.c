// What a broker is measured against: libzmq's own queue between a ROUTER that clients connect to and a DEALER that
// connects to the server.

#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "roles.h"
#include "sockets.h"

int run_proxy(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s proxy FRONTEND BACKEND\n", argv[0]);
    return 64;
  }
  void *context = context_for(2);
  void *frontend = router_bound(context, argv[2], 0);
  void *backend = dealer_connected(context, argv[3], 0);
  stop_context_when_asked(context);
  printf("ready %s\n", argv[2]);
  fflush(stdout);
  // Returns when the context is shut down.
  zmq_proxy(frontend, backend, NULL);
  zmq_close(frontend);
  zmq_close(backend);
  zmq_ctx_term(context);
  return 0;
}
