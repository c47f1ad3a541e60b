#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "roles.h"
#include "sockets.h"

static void wait_for_end_of_input(void) {
  char bytes[64];
  while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
  }
}

static void start(void *(*body)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, body, argument) != 0) fail("cannot start a thread");
  pthread_detach(thread);
}

static void *raise_at_end_of_input(void *unused) {
  wait_for_end_of_input();
  kill(getpid(), SIGTERM);
  return unused;
}

static void *shut_down_at_signal(void *context) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int signal;
  sigwait(&signals, &signal);
  zmq_ctx_shutdown(context);
  return NULL;
}

void stop_context_when_asked(void *context) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  // Blocked everywhere and waited for in one thread: a handler could run between a check and the blocking receive.
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  start(shut_down_at_signal, context);
  start(raise_at_end_of_input, NULL);
}

static void *exit_at_end_of_input(void *unused) {
  wait_for_end_of_input();
  _exit(130);
  return unused;
}

void exit_with_parent(void) {
  struct stat input;
  if (fstat(STDIN_FILENO, &input) == 0 && S_ISFIFO(input.st_mode)) start(exit_at_end_of_input, NULL);
}
