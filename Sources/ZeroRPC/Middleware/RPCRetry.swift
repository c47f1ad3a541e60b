internal import ZeroMQ

/// Makes a call again that failed, when that cannot run the method twice, or may: the other half of "at most once per
/// attempt".
///
/// ```swift
/// configuration.interceptors = [RPCRetry()]
/// ```
///
/// A call is made again when
/// - the server refused it before the method was called (``RemoteError/isRetriable``), or nothing of it was sent
///   (``RPCError/isRetriable``): whatever the method;
/// - its peer was lost or ended (``RemoteError/serverStopped``), or ``attemptTimeout`` is over, and the method is idempotent: by the directive
///   `// zerorpc: idempotent` of its protocol, or by ``RPCCallOptions/isIdempotent``.
///
/// All attempts share the time-out of the call and the deadline around it: when there is no time for another one, the caller
/// gets the last error at once. An attempt goes to the client's next endpoint, and what the interceptors after this one do,
/// they do for each. A stream is repeated until its first item has come; after that its consumer sees the error.
public struct RPCRetry: RPCClientInterceptor {
  /// How often a call is made at most; at least 1.
  public var attempts: Int
  /// How long to wait before the second attempt; twice as long before each further one. A random part of up to a half is
  /// taken off, so that clients that failed together do not come back together.
  public var backoff: Duration
  /// The longest wait between two attempts.
  public var maximumBackoff: Duration
  /// How long one attempt may take, if that is less than what remains of the call's time-out; nil leaves it all of that.
  public var attemptTimeout: Duration?

  /// Makes an interceptor. Put it before those that shall see each attempt, and after those that shall see one call.
  public init(
    attempts: Int = 4, backoff: Duration = .milliseconds(50), maximumBackoff: Duration = .seconds(2),
    attemptTimeout: Duration? = nil
  ) {
    self.attempts = attempts
    self.backoff = backoff
    self.maximumBackoff = maximumBackoff
    self.attemptTimeout = attemptTimeout
  }

  /// Makes the call until it succeeds, fails for good, or is out of attempts or time.
  public func intercept<Result>(
    _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
  ) async throws -> Result {
    var attempt = 1
    var attempted = call
    while true {
      if let attemptTimeout { attempted.options.timeout = min(attemptTimeout, call.remainingTime ?? attemptTimeout) }
      do {
        return try await next(attempted)
      } catch {
        guard attempt < attempts, mayRepeat(call, after: error) else { throw error }
        let pause = wait(before: attempt + 1)
        if let remaining = call.remainingTime, remaining <= pause { throw error }
        try await SimulatedTask.sleep(for: pause)
        attempt += 1
        attempted = call
        // What the attempts before this one have used is gone.
        attempted.options.timeout = call.remainingTime
      }
    }
  }

  private func mayRepeat(_ call: RPCClientContext, after error: any Error) -> Bool {
    switch error {
    case let error as RemoteError:
      error.isRetriable || error.name == RemoteError.serverStopped && call.options.isIdempotent == true
    case let error as RPCError where error.code == .lostPeer || error.code == .timeout:
      error.isRetriable || call.options.isIdempotent == true
    default: false
    }
  }

  /// The pause before an attempt, the second being the first that has one.
  func wait(before attempt: Int) -> Duration {
    var pause = backoff
    var doublings = attempt - 2
    while doublings > 0, pause < maximumBackoff {
      pause *= 2
      doublings -= 1
    }
    return min(pause, maximumBackoff) * Double.random(in: 0.5...1)
  }
}
