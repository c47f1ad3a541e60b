#include "histogram.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const uint64_t SUB_BUCKETS = 1u << HISTOGRAM_PRECISION_BITS;

static unsigned bucket_of(uint64_t value) {
  if (value < 2 * SUB_BUCKETS) return (unsigned)value;
  unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_PRECISION_BITS;
  return (shift << HISTOGRAM_PRECISION_BITS) + (unsigned)(value >> shift);
}

static uint64_t upper_bound_of(unsigned bucket) {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  unsigned shift = (bucket >> HISTOGRAM_PRECISION_BITS) - 1;
  uint64_t mantissa = bucket - ((uint64_t)shift << HISTOGRAM_PRECISION_BITS);
  return ((mantissa + 1) << shift) - 1;
}

void histogram_reset(struct histogram *histogram) {
  memset(histogram, 0, sizeof *histogram);
  histogram->minimum = UINT64_MAX;
}

void histogram_record(struct histogram *histogram, uint64_t nanoseconds) {
  histogram->count++;
  histogram->sum += nanoseconds;
  if (nanoseconds < histogram->minimum) histogram->minimum = nanoseconds;
  if (nanoseconds > histogram->maximum) histogram->maximum = nanoseconds;
  histogram->buckets[bucket_of(nanoseconds)]++;
}

uint64_t histogram_percentile(const struct histogram *histogram, double share) {
  if (histogram->count == 0) return 0;
  uint64_t rank = (uint64_t)ceil(share * (double)histogram->count);
  if (rank == 0) rank = 1;
  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    seen += histogram->buckets[bucket];
    if (seen >= rank) {
      uint64_t bound = upper_bound_of(bucket);
      return bound < histogram->maximum ? bound : histogram->maximum;
    }
  }
  return histogram->maximum;
}

void histogram_write_json(const struct histogram *histogram, FILE *file) {
  uint64_t count = histogram->count;
  fprintf(file, "\"latency_ns\":{\"count\":%" PRIu64 ",\"min\":%" PRIu64 ",\"mean\":%" PRIu64, count,
          count ? histogram->minimum : 0, count ? histogram->sum / count : 0);
  fprintf(file, ",\"p50\":%" PRIu64 ",\"p90\":%" PRIu64 ",\"p99\":%" PRIu64, histogram_percentile(histogram, 0.5),
          histogram_percentile(histogram, 0.9), histogram_percentile(histogram, 0.99));
  fprintf(file, ",\"p99_9\":%" PRIu64 ",\"max\":%" PRIu64 "}", histogram_percentile(histogram, 0.999),
          histogram->maximum);
  fprintf(file, ",\"histogram\":[");
  const char *separator = "";
  for (unsigned bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    if (histogram->buckets[bucket] == 0) continue;
    fprintf(file, "%s[%u,%" PRIu64 "]", separator, bucket, histogram->buckets[bucket]);
    separator = ",";
  }
  fprintf(file, "]");
}
