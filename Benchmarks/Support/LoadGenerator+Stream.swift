extension LoadGenerator {
  /// Takes one item of a stream into account. Returns false when it is time to leave the stream.
  package typealias Item = (_ size: Int) throws -> Bool

  /// Consumes a stream: `consume` opens one of at most `limit` items and calls `item` for each that arrives, until it
  /// returns false or the stream ends.
  @concurrent
  package func runStream(
    _ consume: @Sendable (_ limit: UInt64, _ item: Item) async throws -> Void
  ) async throws -> LoadResult {
    var items: UInt64 = 0
    var deadline = UInt64.max
    func take(_ size: Int) throws -> Bool {
      guard size == options.size else { throw LoadError.wrongSize(expected: options.size, received: size) }
      items += 1
      // The clock once in a while: an item costs little more than reading it.
      return items % 64 != 0 || MonotonicClock.nanoseconds < deadline
    }
    if options.warmup > 0 { try await consume(options.warmup, take) }
    items = 0
    let started = ProcessUsage.current
    deadline = self.deadline(from: started.time)
    try await consume(options.count ?? UInt64(Int32.max), take)
    return result(sent: options.count ?? items, received: items, latency: Histogram(), from: started)
  }
}
