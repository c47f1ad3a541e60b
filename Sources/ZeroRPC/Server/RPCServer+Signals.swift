internal import Dispatch

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension RPCServer {
  /// Serves calls until the process gets SIGINT (Ctrl-C) or SIGTERM, then stops listening, finishes the calls that are open
  /// and returns. A second signal cancels the handlers that are still running.
  ///
  /// - Throws: as ``run()``.
  public func runUntilSignalled() async throws {
    try await withTerminationSignals(run: run, shutDown: beginGracefulShutdown)
  }
}

/// Runs until the process gets SIGINT or SIGTERM, then has it shut down; a second signal cancels it.
func withTerminationSignals(
  run: @escaping @Sendable () async throws -> Void, shutDown: @escaping @Sendable () -> Void
) async throws {
  let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
  let queue = DispatchQueue(label: "zerorpc.signals")
  let sources = [SIGINT, SIGTERM].map { number in
    // Without this the default action would end the process before the source is told.
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler { continuation.yield(number) }
    source.activate()
    return source
  }
  defer {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
  }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await run() }
    group.addTask {
      var count = 0
      for await _ in signals {
        count += 1
        shutDown()
        if count == 2 { throw CancellationError() }
      }
    }
    // The server ended, or the second signal cancels it.
    do { try await group.next() } catch is CancellationError {}
    group.cancelAll()
  }
}
