internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Lets Ctrl-C end a call in an orderly way, so that the service stops working for it.
enum Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Runs a body in a task that SIGINT, SIGTERM or SIGHUP cancels; the process then ends by that signal. A second one ends
  /// it at once. Writing to a closed pipe becomes an error instead of a signal.
  ///
  /// - Throws: what the body throws.
  static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let received = Mutex<Int32?>(nil)
    signal(SIGPIPE, SIG_IGN)
    let task = Task { try await body() }
    let sources = signals.map { number in
      // Without this the default action would end the process before the source is told.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let isFirst = received.withLock { received in
          defer { received = received ?? number }
          return received == nil
        }
        if !isFirst { end(by: number) }
        task.cancel()
      }
      source.activate()
      return source
    }
    let result = await task.result
    if let number = received.withLock({ $0 }) { end(by: number) }
    for source in sources { source.cancel() }
    try result.get()
  }

  /// Runs a body that the first SIGINT, SIGTERM or SIGHUP asks to return, by calling `stop`. A second one ends the process
  /// at once. Writing to a closed pipe becomes an error instead of a signal.
  ///
  /// - Throws: what the body throws.
  static func stopping(
    by stop: @escaping @Sendable () -> Void, _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let isStopping = Mutex(false)
    signal(SIGPIPE, SIG_IGN)
    let sources = signals.map { number in
      // Without this the default action would end the process before the source is told.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        let isFirst = isStopping.withLock { isStopping in
          defer { isStopping = true }
          return !isStopping
        }
        if isFirst { stop() } else { end(by: number) }
      }
      source.activate()
      return source
    }
    defer { for source in sources { source.cancel() } }
    try await body()
  }

  /// Ends the process as the signal would have, so that the shell sees why.
  private static func end(by number: Int32) -> Never {
    signal(number, SIG_DFL)
    kill(getpid(), number)
    // Another thread may get it, a moment later.
    while true { pause() }
  }
}
