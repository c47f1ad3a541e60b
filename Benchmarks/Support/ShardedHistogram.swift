internal import Synchronization

/// A histogram that several tasks record into, in parts, so that they seldom wait for each other.
final class ShardedHistogram: Sendable {
  private struct Shard: ~Copyable {
    let histogram = Mutex(Histogram())
  }

  private let first = Shard()
  private let second = Shard()
  private let third = Shard()
  private let fourth = Shard()

  func record(_ nanoseconds: UInt64, shard: Int) {
    switch shard % 4 {
    case 0: first.histogram.withLock { $0.record(nanoseconds) }
    case 1: second.histogram.withLock { $0.record(nanoseconds) }
    case 2: third.histogram.withLock { $0.record(nanoseconds) }
    default: fourth.histogram.withLock { $0.record(nanoseconds) }
    }
  }

  /// All that was recorded.
  var merged: Histogram {
    var all = Histogram()
    all.merge(first.histogram.withLock { $0 })
    all.merge(second.histogram.withLock { $0 })
    all.merge(third.histogram.withLock { $0 })
    all.merge(fourth.histogram.withLock { $0 })
    return all
  }
}
