/// A log-linear histogram of durations in nanoseconds.
///
/// There are 128 buckets per power of two, so that a percentile is at most 1/128 (0.8 %) above the recorded value. The
/// layout is the one of the floor's C program and of the `histogram` key of the results.
///
/// ```swift
/// var latency = Histogram()
/// latency.record(71_250)
/// latency.percentile(0.99)
/// ```
package struct Histogram: Sendable, Equatable {
  private static let precisionBits = 7
  private static let subBuckets: UInt64 = 1 << 7

  /// How many values are recorded.
  package private(set) var count: UInt64 = 0
  /// The sum of the recorded values.
  package private(set) var sum: UInt64 = 0
  /// The smallest recorded value, or zero if there is none.
  package var minimum: UInt64 { count == 0 ? 0 : smallest }
  /// The largest recorded value, or zero if there is none.
  package private(set) var maximum: UInt64 = 0
  private var smallest = UInt64.max
  /// Grows up to the bucket of the largest value: a histogram of microseconds takes a few kilobytes.
  private var buckets: [UInt64] = []

  /// Makes an empty histogram.
  package init() {}

  /// Makes a histogram of sparse buckets and the exact values that they have lost.
  package init(buckets sparse: [(index: Int, count: UInt64)], minimum: UInt64, maximum: UInt64, sum: UInt64) {
    for (index, count) in sparse where index >= 0 && index < Self.bucketCount {
      grow(to: index)
      buckets[index] += count
      self.count += count
    }
    self.smallest = minimum
    self.maximum = maximum
    self.sum = sum
  }

  /// Records one value.
  package mutating func record(_ nanoseconds: UInt64) {
    let bucket = Self.bucket(of: nanoseconds)
    grow(to: bucket)
    buckets[bucket] &+= 1
    count &+= 1
    sum &+= nanoseconds
    smallest = min(smallest, nanoseconds)
    maximum = max(maximum, nanoseconds)
  }

  /// Adds the records of another histogram.
  package mutating func merge(_ other: Histogram) {
    guard other.count > 0 else { return }
    grow(to: other.buckets.count - 1)
    for (index, count) in other.buckets.enumerated() where count > 0 {
      buckets[index] += count
    }
    count += other.count
    sum += other.sum
    smallest = min(smallest, other.smallest)
    maximum = max(maximum, other.maximum)
  }

  /// Returns the value at or below which the given share (0 to 1) of the records lies, or zero if there is none.
  package func percentile(_ share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (index, count) in buckets.enumerated() {
      seen += count
      if seen >= rank { return min(Self.upperBound(of: index), maximum) }
    }
    return maximum
  }

  /// The mean of the recorded values, or zero if there is none.
  package var mean: UInt64 { count == 0 ? 0 : sum / count }

  /// The buckets that hold something, in rising order.
  package var sparseBuckets: [(index: Int, count: UInt64)] {
    buckets.enumerated().compactMap { $1 == 0 ? nil : (index: $0, count: $1) }
  }

  private mutating func grow(to index: Int) {
    if index >= buckets.count {
      // In steps of a power of two: a slower call than all before must not reallocate each time.
      let length = (index / Int(Self.subBuckets) + 1) * Int(Self.subBuckets)
      buckets.append(contentsOf: repeatElement(0, count: length - buckets.count))
    }
  }
}

extension Histogram {
  static let bucketCount = (64 - precisionBits + 1) << precisionBits

  /// Returns the bucket of a value: the value itself up to 255, then 128 buckets for each further power of two.
  static func bucket(of value: UInt64) -> Int {
    guard value >= 2 * subBuckets else { return Int(value) }
    let shift = 63 - value.leadingZeroBitCount - precisionBits
    return (shift << precisionBits) + Int(value >> UInt64(shift))
  }

  /// Returns the largest value of a bucket.
  static func upperBound(of bucket: Int) -> UInt64 {
    guard bucket >= 2 * Int(subBuckets) else { return UInt64(bucket) }
    let shift = (bucket >> precisionBits) - 1
    let mantissa = UInt64(bucket - (shift << precisionBits))
    return ((mantissa + 1) << UInt64(shift)) &- 1
  }
}
