// The machine itself: when it keeps a thread from running that has a processor to itself and only looks at the clock. Two of them,
// as a call has a client and a server.

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // sched_setaffinity
#endif
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roles.h"
#include "sockets.h"

// What is shorter may be the clock, or an interrupt.
#define SHORTEST_NANOSECONDS 2000
#define MOST_STALLS 100000
#define MOST_THREADS 2
#define MOST_SECONDS 10

struct stall {
  uint64_t from, to;
};

struct watcher {
  pthread_t thread;
  // Which processor; ignored where the system lets nobody choose.
  int processor;
  uint64_t start, end;
  size_t count;
  struct stall stalls[MOST_STALLS];
};

static void keep_to(int processor) {
#ifdef __linux__
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) fail("cannot keep a thread to its processor");
#else
  (void)processor;
#endif
}

static void *watch(void *argument) {
  struct watcher *watcher = argument;
  keep_to(watcher->processor);
  uint64_t before = nanoseconds_now();
  while (before < watcher->end) {
    uint64_t after = nanoseconds_now();
    if (after > before + SHORTEST_NANOSECONDS && watcher->count < MOST_STALLS) {
      watcher->stalls[watcher->count++] = (struct stall){before - watcher->start, after - watcher->start};
    }
    before = after;
  }
  return NULL;
}

// The first processors that this process may use.
static int processors(int *numbers, int most) {
  int count = 0;
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) fail("cannot read the processors");
  for (int number = 0; number < CPU_SETSIZE && count < most; number++) {
    if (CPU_ISSET(number, &allowed)) numbers[count++] = number;
  }
#else
  count = (int)sysconf(_SC_NPROCESSORS_ONLN);
  if (count > most) count = most;
  for (int number = 0; number < count; number++) numbers[number] = number;
#endif
  return count;
}

int run_stalls(int argc, char **argv) {
  char *end = NULL;
  double seconds = argc == 4 && strcmp(argv[2], "--seconds") == 0 ? strtod(argv[3], &end) : 0;
  if (end == NULL || *end != 0 || !(seconds > 0 && seconds <= MOST_SECONDS)) {
    fprintf(stderr, "usage: %s stalls --seconds S, from above 0 to %d\n", argv[0], MOST_SECONDS);
    return 64;
  }
  exit_with_parent();
  int numbers[MOST_THREADS];
  int count = processors(numbers, MOST_THREADS);
  struct watcher *watchers = calloc((size_t)count, sizeof *watchers);
  if (watchers == NULL) fail("cannot allocate the stalls");
  uint64_t start = nanoseconds_now(), last = start + (uint64_t)(seconds * 1e9);
  for (int index = 0; index < count; index++) {
    struct watcher *watcher = &watchers[index];
    watcher->processor = numbers[index];
    watcher->start = start;
    watcher->end = last;
    if (pthread_create(&watcher->thread, NULL, watch, watcher) != 0) fail("cannot start a thread");
  }
  for (int index = 0; index < count; index++) {
    pthread_join(watchers[index].thread, NULL);
    if (watchers[index].count == MOST_STALLS) {
      fprintf(stderr, "more than %d stalls on one processor: measure for less than %g s\n", MOST_STALLS, seconds);
      return 1;
    }
  }
  printf("{\"elapsed_ns\": %llu, \"stalls\": [", (unsigned long long)(nanoseconds_now() - start));
  const char *separator = "";
  for (int index = 0; index < count; index++) {
    for (size_t stall = 0; stall < watchers[index].count; stall++) {
      struct stall found = watchers[index].stalls[stall];
      printf("%s[%llu, %llu]", separator, (unsigned long long)found.from, (unsigned long long)found.to);
      separator = ", ";
    }
  }
  printf("]}\n");
  free(watchers);
  return 0;
}
