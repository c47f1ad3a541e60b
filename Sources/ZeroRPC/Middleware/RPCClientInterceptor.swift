/// Stands around the calls of a client: to look at them, to change their options and headers, to make them again, or to
/// answer in their stead.
///
/// ```swift
/// struct Timing: RPCClientInterceptor {
///   func intercept<Result>(
///     _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
///   ) async throws -> Result {
///     let start = ContinuousClock.now
///     defer { print(call.method, ContinuousClock.now - start) }
///     return try await next(call)
///   }
/// }
///
/// configuration.interceptors = [Timing()]
/// ```
///
/// What stands before `next` is zerorpc-python's `client_before_request`; ``callEnded(_:error:)`` is its
/// `client_after_request`. Its `client_patterns_list` needs no hook: the caller says whether it takes a value or a stream,
/// and an answer of the other pattern ends the call with `protocolViolation`. The first interceptor of
/// ``RPCClientConfiguration/interceptors`` is the outermost.
public protocol RPCClientInterceptor: Sendable {
  /// Wraps a call. For a method that streams, the result is the stream, and there when its first item is.
  ///
  /// - Parameters:
  ///   - call: what is called, and how.
  ///   - next: makes the call, through the interceptors that follow. It may be called several times, or not at all.
  /// - Throws: what the caller shall see: usually what `next` throws.
  func intercept<Result>(
    _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
  ) async throws -> Result

  /// Is told once of every call when all of it is over: the value or an error has come, or the stream has ended.
  ///
  /// - Parameters:
  ///   - call: what was called, with the header of its reply.
  ///   - error: what the caller sees; `CancellationError` when it has left the stream; nil after success.
  func callEnded(_ call: RPCClientContext, error: (any Error)?)
}

extension RPCClientInterceptor {
  /// Makes the call.
  public func intercept<Result>(
    _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
  ) async throws -> Result {
    try await next(call)
  }

  /// Does nothing.
  public func callEnded(_ call: RPCClientContext, error: (any Error)?) {}
}
