/// Makes the calls of a Swift subject's load role, whatever carries them, and measures them.
///
/// ```swift
/// let load = LoadGenerator(subject: "zerorpc", options: options)
/// let result = try await load.run { connection in
///   try await stubs[connection].echo(payload).count
/// }
/// print(try result.line)
/// ```
///
/// The calls are made where `run` was called from: in a task with an executor preference they stay on that executor.
package struct LoadGenerator: Sendable {
  /// Makes one call on the connection of the given index and returns the size of the reply's payload.
  package typealias Echo = @Sendable (_ connection: Int) async throws -> Int

  /// The name to report.
  package var subject: String
  /// What to do.
  package var options: LoadOptions
  /// Has the calls of an open loop handed out when they are due, by ``LoadSchedule/releaseDue()``; a thread of its own when nil.
  package var pacer: (@Sendable (LoadSchedule) -> Void)?
  /// Of so many calls of a caller one has its latency recorded when many are in flight: the clock must not cost more
  /// than the floor's, which reads it once for a burst.
  static let sampling: UInt64 = 16

  /// Makes a generator for one run.
  package init(subject: String, options: LoadOptions) {
    self.subject = subject
    self.options = options
  }

  /// Runs an echo load: warm-up first, then what the options ask for.
  @concurrent
  package func run(_ echo: @escaping Echo) async throws -> LoadResult {
    switch options.mode {
    case .sequential: try await sequential(echo)
    case .pipelined: try await pipelined(echo)
    case .openLoop: try await openLoop(echo)
    case .idle: try await idle(echo)
    case .stream, .push, .publish: throw LoadError.unsupportedMode(options.mode)
    }
  }

  func checked(_ echo: Echo, _ connection: Int) async throws {
    let size = try await echo(connection)
    guard size == options.size else { throw LoadError.wrongSize(expected: options.size, received: size) }
  }

  /// When a run that starts now has to end, by `MonotonicClock`.
  func deadline(from start: UInt64) -> UInt64 {
    options.seconds.map { start + UInt64($0 * 1e9) } ?? .max
  }

  func result(
    sent: UInt64, received: UInt64, latency: Histogram, from started: ProcessUsage, to ended: ProcessUsage = .current
  ) -> LoadResult {
    LoadResult(
      subject: subject, options: options, sent: sent, received: received, latency: latency, from: started, to: ended)
  }

  private func sequential(_ echo: Echo) async throws -> LoadResult {
    for _ in 0..<options.warmup { try await checked(echo, 0) }
    var latency = Histogram()
    var calls: UInt64 = 0
    let limit = options.count ?? .max
    let started = ProcessUsage.current
    let deadline = deadline(from: started.time)
    var before = MonotonicClock.nanoseconds
    while calls < limit && before < deadline {
      try await checked(echo, 0)
      calls += 1
      let after = MonotonicClock.nanoseconds
      latency.record(after - before)
      before = after
    }
    return result(sent: calls, received: calls, latency: latency, from: started)
  }

  private func idle(_ echo: Echo) async throws -> LoadResult {
    for connection in 0..<options.connections { try await checked(echo, connection) }
    let started = ProcessUsage.current
    try await Task.sleep(for: .seconds(options.seconds ?? 0))
    let calls = UInt64(options.connections)
    return result(sent: calls, received: calls, latency: Histogram(), from: started)
  }
}

/// Why a load cannot give a result.
package enum LoadError: Error, CustomStringConvertible {
  case unsupportedMode(LoadMode)
  case wrongSize(expected: Int, received: Int)

  package var description: String {
    switch self {
    case .unsupportedMode(let mode): "--mode \(mode.rawValue) is not supported"
    case .wrongSize(let expected, let received): "sent \(expected) bytes, but \(received) came back"
    }
  }
}
