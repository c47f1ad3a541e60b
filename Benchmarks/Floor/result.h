#ifndef FLOOR_RESULT_H
#define FLOOR_RESULT_H

#include "histogram.h"
#include "options.h"

#ifdef __cplusplus
extern "C" {
#endif

// What a process has used up to a moment: compare two of them.
struct usage {
  uint64_t time;
  uint64_t user_nanoseconds;
  uint64_t system_nanoseconds;
  uint64_t voluntary_switches;
  uint64_t involuntary_switches;
};

// The outcome of one measured run.
struct result {
  uint64_t sent;
  uint64_t received;
  struct usage started;
  struct usage ended;
  struct histogram latency;
  // Calls that were due before this have their latency not recorded.
  uint64_t latency_from;
};

// Returns the time of a clock that never jumps.
uint64_t nanoseconds_now(void);

// Returns what this process has used so far.
struct usage usage_now(void);

// Prints the one JSON line of the protocol. Returns the exit status: 1 if not every message came back.
int result_print(const struct result *result, const char *subject, const struct options *options);

#ifdef __cplusplus
}
#endif

#endif
