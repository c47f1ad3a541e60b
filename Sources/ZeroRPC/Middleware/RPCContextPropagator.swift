public import MessagePack

/// Carries a context of one's own through the headers of calls: zerorpc-python's `get_task_context` and
/// `load_task_context`.
///
/// What ``RPCTaskContext`` holds needs none: it travels by itself. A propagator adds what lives elsewhere, or decides what
/// a server takes over from its callers.
///
/// ```swift
/// struct Tracing: RPCContextPropagator {
///   func outgoing() -> [String: MessagePackValue] { Trace.current.map { ["trace_id": .string($0.id)] } ?? [:] }
///   func incoming(_ headers: [String: MessagePackValue]) -> [String: MessagePackValue] {
///     headers.filter { $0.key == "trace_id" }              // whatever else callers send goes no further
///   }
/// }
/// ```
///
/// To set a task-local around a handler, use an ``RPCServerInterceptor``.
public protocol RPCContextPropagator: Sendable {
  /// Returns the header entries that a call made by the current task carries. They replace what ``RPCTaskContext`` has for
  /// the same key; ``RPCCallOptions/headers`` replace them.
  ///
  /// A server asks for those of its replies too, as zerorpc-python does: of a value when the handler returns, of a stream
  /// once before its first item, of an error where the handler throws it. Its callers find them in
  /// ``RPCClientContext/replyHeaders`` and ``RPCErrorContext/headers``.
  func outgoing() -> [String: MessagePackValue]

  /// Returns the task context for a handler.
  ///
  /// - Parameter headers: the entries of the request's header that are not the protocol's own.
  func incoming(_ headers: [String: MessagePackValue]) -> [String: MessagePackValue]
}

extension RPCContextPropagator {
  /// Adds nothing.
  public func outgoing() -> [String: MessagePackValue] { [:] }

  /// Takes over everything.
  public func incoming(_ headers: [String: MessagePackValue]) -> [String: MessagePackValue] { headers }
}
