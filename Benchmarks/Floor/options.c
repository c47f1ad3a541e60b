#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char USAGE[] =
    "usage: %1$s serve --endpoint E [--mode M] [--in-flight W] [--size B]\n"
    "       %1$s load --endpoint E --mode M (--count N | --seconds S) [--size B] [--in-flight W]\n"
    "            [--connections K] [--rate R] [--warmup N]\n"
    "modes: sequential, pipelined, stream, open-loop, idle, push, publish\n";

static const char *program = "benchmark";

static const char *const MODES[] = {"sequential", "pipelined", "stream", "open-loop", "idle", "push", "publish"};

__attribute__((format(printf, 1, 2), noreturn)) static void usage_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "%s: ", program);
  vfprintf(stderr, format, arguments);
  fputs("\n", stderr);
  fprintf(stderr, USAGE, program);
  va_end(arguments);
  exit(64);
}

static uint64_t whole_number(const char *option, const char *text, uint64_t minimum, uint64_t maximum) {
  char *end = NULL;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < minimum || value > maximum) {
    usage_error("--%s is '%s', but must be a whole number from %llu to %llu", option, text, (unsigned long long)minimum,
                (unsigned long long)maximum);
  }
  return value;
}

static double positive_number(const char *option, const char *text) {
  char *end = NULL;
  double value = strtod(text, &end);
  if (end == text || *end != '\0' || !isfinite(value) || value <= 0) {
    usage_error("--%s is '%s', but must be a number above 0", option, text);
  }
  return value;
}

static enum mode mode_named(const char *text) {
  for (size_t index = 0; index < sizeof MODES / sizeof *MODES; index++) {
    if (strcmp(text, MODES[index]) == 0) return (enum mode)index;
  }
  usage_error("--mode is '%s', but must be one of sequential, pipelined, stream, open-loop, idle, push, publish", text);
}

static void validate(const struct options *options) {
  if (options->endpoint == NULL) usage_error("--endpoint is missing");
  if (options->role == ROLE_SERVE) {
    if (options_are_in_process(options)) usage_error("an inproc endpoint has no server process: use load alone");
    return;
  }
  if (options->count == 0 && options->seconds == 0) usage_error("one of --count and --seconds is needed");
  bool uses_one = options->mode == MODE_SEQUENTIAL || options->mode == MODE_STREAM ||
                  options_are_one_way(options);
  if (uses_one && options->connections != 1) {
    usage_error("--connections is %u, but --mode %s uses one", options->connections, options->mode_name);
  }
  if (options->mode == MODE_SEQUENTIAL && options->in_flight != 1) {
    usage_error("--in-flight is %llu, but --mode sequential keeps 1", (unsigned long long)options->in_flight);
  }
  if (options->mode == MODE_PIPELINED && options->in_flight < options->connections) {
    usage_error("--in-flight is %llu, but must be at least --connections (%u): each keeps one call in flight",
                (unsigned long long)options->in_flight, options->connections);
  }
  if (options->mode == MODE_OPEN_LOOP && options->rate == 0) usage_error("--mode open-loop needs --rate");
  if (options->mode == MODE_IDLE && options->seconds == 0) usage_error("--mode idle needs --seconds");
}

struct options options_parse(const char *name, int argc, char **argv) {
  static const struct option LONG_OPTIONS[] = {
      {"endpoint", required_argument, NULL, 'e'}, {"mode", required_argument, NULL, 'm'},
      {"count", required_argument, NULL, 'n'},    {"seconds", required_argument, NULL, 's'},
      {"size", required_argument, NULL, 'b'},     {"in-flight", required_argument, NULL, 'w'},
      {"connections", required_argument, NULL, 'k'}, {"rate", required_argument, NULL, 'r'},
      {"warmup", required_argument, NULL, 'u'},   {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0},
  };
  struct options options = {.mode = MODE_SEQUENTIAL, .in_flight = 1, .connections = 1, .size = 60, .warmup = 1000};
  program = name;
  options.program = name;
  if (argc < 2) usage_error("a role is missing");
  if (strcmp(argv[1], "--help") == 0) {
    printf(USAGE, program);
    exit(0);
  }
  if (strcmp(argv[1], "serve") == 0) {
    options.role = ROLE_SERVE;
  } else if (strcmp(argv[1], "load") == 0) {
    options.role = ROLE_LOAD;
  } else {
    usage_error("the role is '%s', but must be serve or load", argv[1]);
  }
  opterr = 0;
  optind = 2;
  int option;
  while ((option = getopt_long(argc, argv, ":", LONG_OPTIONS, NULL)) != -1) {
    switch (option) {
      case 'e': options.endpoint = optarg; break;
      case 'm': options.mode = mode_named(optarg); break;
      case 'n': options.count = whole_number("count", optarg, 1, 1ull << 40); break;
      case 's': options.seconds = positive_number("seconds", optarg); break;
      case 'b': options.size = whole_number("size", optarg, 0, 1ull << 31); break;
      case 'w': options.in_flight = whole_number("in-flight", optarg, 1, 1u << 20); break;
      case 'k': options.connections = (unsigned)whole_number("connections", optarg, 1, 100000); break;
      case 'r': options.rate = positive_number("rate", optarg); break;
      case 'u': options.warmup = whole_number("warmup", optarg, 0, 1ull << 40); break;
      case 'h': printf(USAGE, program); exit(0);
      case ':': usage_error("%s needs a value", argv[optind - 1]);
      default: usage_error("unknown option '%s'", argv[optind - 1]);
    }
  }
  if (optind < argc) usage_error("unexpected argument '%s'", argv[optind]);
  options.mode_name = MODES[options.mode];
  validate(&options);
  return options;
}

bool options_are_one_way(const struct options *options) {
  return options->mode == MODE_PUSH || options->mode == MODE_PUBLISH;
}

bool options_are_in_process(const struct options *options) {
  return strncmp(options->endpoint, "inproc://", 9) == 0;
}
