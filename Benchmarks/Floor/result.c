#include "result.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <time.h>

uint64_t nanoseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t nanoseconds_of(struct timeval time) {
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

struct usage usage_now(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (struct usage){
      .time = nanoseconds_now(),
      .user_nanoseconds = nanoseconds_of(usage.ru_utime),
      .system_nanoseconds = nanoseconds_of(usage.ru_stime),
      .voluntary_switches = (uint64_t)usage.ru_nvcsw,
      .involuntary_switches = (uint64_t)usage.ru_nivcsw,
  };
}

static uint64_t maximum_resident_bytes(void) {
#ifdef __linux__
  // Not ru_maxrss: that one starts with what the process was before exec, the driver.
  FILE *status = fopen("/proc/self/status", "r");
  if (status == NULL) return 0;
  char line[256];
  uint64_t kibibytes = 0;
  while (fgets(line, sizeof line, status) != NULL) {
    if (sscanf(line, "VmHWM: %" SCNu64, &kibibytes) == 1) break;
  }
  fclose(status);
  return kibibytes * 1024;
#else
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (uint64_t)usage.ru_maxrss;
#endif
}

int result_print(const struct result *result, const char *subject, const struct options *options) {
  const struct usage *started = &result->started, *ended = &result->ended;
  printf("{\"subject\":\"%s\",\"mode\":\"%s\",\"endpoint\":\"%s\"", subject, options->mode_name, options->endpoint);
  printf(",\"in_flight\":%" PRIu64 ",\"connections\":%u,\"size\":%zu", options->in_flight, options->connections,
         options->size);
  printf(",\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"elapsed_ns\":%" PRIu64, result->sent, result->received,
         ended->time - started->time);
  printf(",\"cpu_user_ns\":%" PRIu64 ",\"cpu_system_ns\":%" PRIu64,
         ended->user_nanoseconds - started->user_nanoseconds, ended->system_nanoseconds - started->system_nanoseconds);
  printf(",\"voluntary_switches\":%" PRIu64 ",\"involuntary_switches\":%" PRIu64,
         ended->voluntary_switches - started->voluntary_switches,
         ended->involuntary_switches - started->involuntary_switches);
  printf(",\"max_rss_bytes\":%" PRIu64, maximum_resident_bytes());
#ifdef __OPTIMIZE__
  printf(",\"optimized\":true,");
#else
  printf(",\"optimized\":false,");
#endif
  histogram_write_json(&result->latency, stdout);
  printf("}\n");
  fflush(stdout);
  if (result->received == result->sent) return 0;
  fprintf(stderr, "%s: sent %" PRIu64 " messages, but received %" PRIu64 "\n", options->program, result->sent,
          result->received);
  return 1;
}
