public import MessagePack
internal import ZeroMQ

/// Tells what the calls that the current task makes inherit: header entries that travel with them, and the time that is
/// left.
///
/// It follows structured concurrency. Inside a handler it holds what its caller sent: the header entries that are not the
/// protocol's own, such as a `trace_id`, and the caller's deadline. Calls that the handler makes carry both on, from child
/// tasks too, as calls do inside ``withRPCHeaders(_:_:)`` and ``withRPCTimeout(_:_:)``.
///
/// ```swift
/// func report() async throws -> String {
///   let trace = RPCTaskContext.current.headers["trace_id"]?.stringValue
///   return try await storage.load(trace ?? "untraced")        // carries the same trace_id
/// }
/// ```
///
/// The entries stand at the top level of the event's header, where the `load_task_context` and `get_task_context` hooks of
/// zerorpc-python find and put theirs.
public struct RPCTaskContext: Sendable, Hashable {
  /// The header entries that every call carries.
  public let headers: [String: MessagePackValue]
  /// The time until the deadline, zero when it has passed; nil without a deadline.
  public let remainingTime: Duration?
  /// Who called the handler that the task is in, as the server's `ZMQAuthenticator` knows the caller: the user id of its key,
  /// or its user's name. Nil outside of handlers and for callers that were not authenticated. It does not travel with calls.
  public let user: String?

  /// The context of the current task.
  public static var current: RPCTaskContext { RPCTaskContext(CallScope.current) }

  init(_ scope: CallScope?) {
    headers = scope?.headers ?? [:]
    user = scope?.user
    remainingTime = scope.flatMap { RPCTaskContext.remainingTime(until: $0.deadline) }
  }

  /// The time until a deadline of the loop's clock.
  static func remainingTime(until deadline: UInt64) -> Duration? {
    guard deadline != .max else { return nil }
    let now = SimulatedTask.now()
    return deadline > now ? .nanoseconds(deadline - now) : .zero
  }
}

/// Gives everything inside a time limit: calls that are made in the closure, and in child tasks of it, must have ended when
/// it has passed.
///
/// A call gets the least of its own ``RPCCallOptions/timeout`` and what remains, and tells its server, whose handler passes
/// what then remains on to the calls that it makes. A call after the time is over fails at once and sends nothing. A
/// stream must end within the limit, and waiting for an item of a stream that was opened outside counts too.
///
/// The limit is one of calls only: the closure itself is not interrupted.
///
/// ```swift
/// try await withRPCTimeout(.seconds(1)) {
///   let user = try await users.find(name)
///   return try await orders.list(of: user)
/// }
/// ```
///
/// - Throws: what the closure throws; calls throw ``RPCError`` with `timeout`.
public func withRPCTimeout<Result>(_ timeout: Duration, _ body: () async throws -> Result) async rethrows -> Result {
  let parent = CallScope.current
  let (deadline, overflow) = SimulatedTask.now().addingReportingOverflow(timeout.clampedNanoseconds)
  let scope = CallScope(deadline: overflow ? .max : deadline, headers: parent?.headers ?? [:], inside: parent)
  return try await CallScope.$current.withValue(scope, operation: body)
}

/// Has every call inside carry header entries, beside those that it inherits; an entry replaces an inherited one of the same
/// key.
///
/// ```swift
/// try await withRPCHeaders(["trace_id": "4bf92f35"]) { try await orders.list(of: user) }
/// ```
///
/// Keys of the protocol (`message_id`, `response_to`, `v`, and what begins with `zrpc_`) are refused when a call is made.
///
/// - Throws: what the closure throws.
public func withRPCHeaders<Result>(
  _ headers: [String: MessagePackValue], _ body: () async throws -> Result
) async rethrows -> Result {
  let parent = CallScope.current
  let merged = (parent?.headers ?? [:]).merging(headers) { _, new in new }
  return try await CallScope.$current.withValue(CallScope(headers: merged, inside: parent), operation: body)
}
