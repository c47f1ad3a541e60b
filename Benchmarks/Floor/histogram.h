#ifndef FLOOR_HISTOGRAM_H
#define FLOOR_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// A log-linear histogram of nanoseconds: 128 buckets per power of two, so a reported value is at most 1/128 (0.8 %)
// above the recorded one. The layout is the one of `Histogram` in Benchmarks/Support, and of the JSON `histogram` key.
enum {
  HISTOGRAM_PRECISION_BITS = 7,
  HISTOGRAM_BUCKETS = (64 - HISTOGRAM_PRECISION_BITS + 1) << HISTOGRAM_PRECISION_BITS,
};

struct histogram {
  uint64_t count;
  uint64_t sum;
  uint64_t minimum;
  uint64_t maximum;
  uint64_t buckets[HISTOGRAM_BUCKETS];
};

// Empties the histogram. Call it before the first use.
void histogram_reset(struct histogram *histogram);

// Records one value.
void histogram_record(struct histogram *histogram, uint64_t nanoseconds);

// Returns the value below or at which the given share of the records lies; `share` is in 0...1. Zero if empty.
uint64_t histogram_percentile(const struct histogram *histogram, double share);

// Writes `"latency_ns":{…},"histogram":[[bucket,count],…]`.
void histogram_write_json(const struct histogram *histogram, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
