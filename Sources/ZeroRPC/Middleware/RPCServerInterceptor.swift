/// Stands around the handlers of a server: to look at calls, to refuse them, to answer in their stead, or to see their
/// errors.
///
/// ```swift
/// struct Authentication: RPCServerInterceptor {
///   func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
///     guard call.headers["access_key"]?.stringValue == "secret" else { throw Refused() }
///     try await next(call)
///   }
/// }
///
/// configuration.interceptors = [Authentication()]
/// ```
///
/// What stands before `next` is zerorpc-python's `server_before_exec`, what stands behind it `server_after_exec`: the
/// answer, or the end of a stream, is sent only when all interceptors have returned. A `catch` around it is
/// `server_inspect_exception`. A task-local that is set around `next` holds inside the handler, which is how other systems'
/// contexts are loaded.
///
/// The first interceptor of ``RPCServerConfiguration/interceptors`` is the outermost. Methods that do not exist, and calls
/// that a server refuses because it shuts down, never reach interceptors.
public protocol RPCServerInterceptor: Sendable {
  /// Wraps the run of a handler.
  ///
  /// - Parameters:
  ///   - call: what is called, and by whom.
  ///   - next: runs the handler, inside the interceptors that follow.
  /// - Throws: what the caller gets as an error: usually what `next` throws.
  func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws
}
