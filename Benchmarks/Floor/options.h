#ifndef FLOOR_OPTIONS_H
#define FLOOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum role { ROLE_SERVE, ROLE_LOAD };

enum mode { MODE_SEQUENTIAL, MODE_PIPELINED, MODE_STREAM, MODE_OPEN_LOOP, MODE_IDLE, MODE_PUSH, MODE_PUBLISH };

// What the command line asks for; Benchmarks/README.md is the reference of each option.
struct options {
  const char *program;
  enum role role;
  enum mode mode;
  const char *mode_name;
  const char *endpoint;
  uint64_t count;    // 0: no limit, `seconds` ends the run
  double seconds;    // 0: no limit, `count` ends the run
  uint64_t warmup;   // messages before the measured ones
  uint64_t in_flight;
  unsigned connections;
  size_t size;
  double rate;       // messages per second of the open loop
};

// Parses the command line, or exits with status 64 and a message that names the bad argument. `program` is for messages.
struct options options_parse(const char *program, int argc, char **argv);

// Whether the server sends and the load receives, and nobody answers.
bool options_are_one_way(const struct options *options);

// Whether both roles live in the process of `load`.
bool options_are_in_process(const struct options *options);

#ifdef __cplusplus
}
#endif

#endif
