import Testing

@testable import BenchmarkSupport

@Suite struct HistogramTests {
  @Test func everyBucketHoldsItsUpperBoundAndTheNextOneTheNextValue() {
    for bucket in 0..<Histogram.bucketCount - 1 {
      let bound = Histogram.upperBound(of: bucket)
      #expect(Histogram.bucket(of: bound) == bucket)
      #expect(Histogram.bucket(of: bound + 1) == bucket + 1)
    }
    #expect(Histogram.bucket(of: .max) == Histogram.bucketCount - 1)
    #expect(Histogram.upperBound(of: Histogram.bucketCount - 1) == .max)
  }

  @Test(arguments: [1, 7, 1_000, 50_000])
  func percentilesAreThoseOfASortedArrayWithinTheBucketError(count: Int) {
    var generator = SeededGenerator(state: UInt64(count))
    // Spread over six powers of ten, as latencies are.
    let values = (0..<count).map { _ in generator.next() >> UInt64.random(in: 24...60, using: &generator) }
    var histogram = Histogram()
    for value in values { histogram.record(value) }
    let sorted = values.sorted()
    for share in [0.0, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0] {
      let rank = max(1, Int((share * Double(count)).rounded(.up)))
      let exact = sorted[rank - 1]
      let reported = histogram.percentile(share)
      #expect(reported >= exact)
      #expect(Double(reported) <= Double(exact) * (1 + 1.0 / 128))
    }
    #expect(histogram.minimum == sorted.first)
    #expect(histogram.maximum == sorted.last)
    #expect(histogram.count == UInt64(count))
  }

  @Test func mergingIsRecordingIntoOne() {
    var first = Histogram()
    var second = Histogram()
    var all = Histogram()
    for value in stride(from: UInt64(3), to: 3_000_000, by: 977) {
      if value % 2 == 0 { first.record(value) } else { second.record(value * 5) }
      all.record(value % 2 == 0 ? value : value * 5)
    }
    first.merge(second)
    #expect(first.sparseBuckets.elementsEqual(all.sparseBuckets, by: ==))
    #expect(first.count == all.count)
    #expect(first.sum == all.sum)
    #expect(first.minimum == all.minimum)
    #expect(first.maximum == all.maximum)
    #expect(first.percentile(0.5) == all.percentile(0.5))
  }

  @Test func anEmptyOneReportsZeros() {
    var histogram = Histogram()
    histogram.merge(Histogram())
    #expect(histogram.count == 0)
    #expect(histogram.percentile(0.5) == 0)
    #expect(histogram.mean == 0)
    #expect(histogram.minimum == 0)
  }

  @Test func sparseBucketsRestoreIt() {
    var histogram = Histogram()
    for value: UInt64 in [70_000, 71_000, 900_000] { histogram.record(value) }
    let restored = Histogram(
      buckets: histogram.sparseBuckets, minimum: histogram.minimum, maximum: histogram.maximum, sum: histogram.sum)
    #expect(restored.percentile(0.5) == histogram.percentile(0.5))
    #expect(restored.percentile(1) == 900_000)
    #expect(restored.mean == histogram.mean)
  }
}

/// A generator with a fixed sequence, so that a failure can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
