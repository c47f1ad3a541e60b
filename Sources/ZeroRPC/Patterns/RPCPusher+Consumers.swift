internal import ZeroMQ

extension RPCPusher {
  /// How many consumers are connected at the moment, over every transport but `inproc`, of which ZeroMQ tells nothing.
  public var consumers: Int { (try? sender.connection(for: ""))?.peers ?? 0 }

  /// Waits until at least as many consumers are connected, so that the work is split evenly from the first message on.
  ///
  /// Consumers on `inproc` are not counted, because ZeroMQ does not tell of them.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - timeout: how long to wait; nil waits until they are there.
  /// - Throws: ``RPCError`` with `timeout` or `closed`; `CancellationError` when the task is cancelled.
  public func waitForConsumers(_ count: Int, timeout: Duration? = nil) async throws {
    let connection = try sender.connection(for: "wait for consumers")
    let outcome = await connection.waitForPeers(
      count, deadline: sender.deadline(after: timeout?.clampedNanoseconds ?? .max))
    let advice = "there are \(connection.peers)"
    if let error = sender.error(outcome, "wait for \(count) consumers", advice) { throw error }
  }
}
