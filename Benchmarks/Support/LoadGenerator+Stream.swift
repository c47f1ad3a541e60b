internal import Synchronization

extension LoadGenerator {
  /// Takes one item of a stream into account. Returns false when it is time to leave the stream.
  package typealias Item = @Sendable (_ size: Int) throws -> Bool

  /// Consumes a stream: `consume` opens one of at most `limit` items and calls `item` for each that arrives, until it
  /// returns false or the stream ends.
  @concurrent
  package func runStream(
    _ consume: @Sendable (_ limit: UInt64, _ item: @escaping Item) async throws -> Void
  ) async throws -> LoadResult {
    if options.warmup > 0 { try await consume(options.warmup, ItemCounter(size: options.size, deadline: .max).take) }
    let started = ProcessUsage.current
    let counter = ItemCounter(size: options.size, deadline: deadline(from: started.time))
    try await consume(options.count ?? UInt64(Int32.max), counter.take)
    let received = counter.items.load(ordering: .relaxed)
    return result(sent: options.count ?? received, received: received, latency: Histogram(), from: started)
  }
}

/// Counts the items of one stream.
private final class ItemCounter: Sendable {
  let items = Atomic<UInt64>(0)
  private let size: Int
  private let deadline: UInt64

  init(size: Int, deadline: UInt64) {
    self.size = size
    self.deadline = deadline
  }

  @Sendable func take(_ size: Int) throws -> Bool {
    guard size == self.size else { throw LoadError.wrongSize(expected: self.size, received: size) }
    let count = items.wrappingAdd(1, ordering: .relaxed).newValue
    // The clock once in a while: an item costs little more than reading it.
    return count % 64 != 0 || MonotonicClock.nanoseconds < deadline
  }
}
