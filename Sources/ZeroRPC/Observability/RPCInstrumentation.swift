/// Says what a client or a server reports about its calls, and to whom.
///
/// Reports go to the backends of swift-metrics and swift-distributed-tracing that the program has bootstrapped when the
/// client or the server is made, or that `withMetricsFactory` and `withTracer` have set around it. Without one, nothing is
/// measured. The package traits `Metrics` and `Tracing`, on by default, leave the two dependencies out when they are off.
///
/// Names are OpenTelemetry's. Every call is recorded in the timer `rpc.client.call.duration`, and every handler's run in
/// `rpc.server.call.duration`, a stream until its end, with the dimensions `rpc.system.name` (`zerorpc`), `rpc.method` (the
/// name on the wire; `_OTHER` for methods that do not exist) and `error.type` (empty after success, because backends like
/// Prometheus want the same dimensions in every sample; otherwise an ``RPCError/Code``, a remote error's name, or
/// `cancelled`). Beside them, without dimensions:
///
/// | metric | kind | counts |
/// |---|---|---|
/// | `zerorpc.client.calls_in_flight`, `zerorpc.server.calls_in_flight` | meter | calls made, or handlers running |
/// | `zerorpc.client.open_streams`, `zerorpc.server.open_streams` | meter | those of them that stream |
/// | `zerorpc.client.queued_events`, `zerorpc.server.queued_events` | meter | events that ZeroMQ could not take yet |
/// | `zerorpc.server.queued_calls` | meter | calls that no handler has begun |
/// | `zerorpc.server.credit_stalls` | counter | times that a stream waited for its consumer |
/// | `zerorpc.client.lost_peers`, `zerorpc.server.lost_peers` | counter | calls that ended because their peer was lost |
/// | `zerorpc.client.reconnects` | counter | connections that stand again |
/// | `zerorpc.client.refused_calls`, `zerorpc.server.refused_calls` | counter | calls to a server that shuts down or has too much to do |
///
/// Pullers and subscribers record every handler's run in the timer `zerorpc.receiver.message.duration`, with the same
/// dimensions, and have the meter `zerorpc.receiver.calls_in_flight`.
///
/// Spans are named by the method and have the same attributes; those of clients also `server.address` and `server.port` when
/// there is one endpoint. Messages that are pushed or published have one of kind `producer` and one of kind `consumer`. The tracer's context travels in the request's header under the keys that the tracer uses
/// (`traceparent` and `tracestate` for W3C), as text at the top level, where Python and Node peers see and ignore it. A
/// server without a tracer passes them on with the rest of the task context.
public struct RPCInstrumentation: Sendable, Hashable {
  /// Whether metrics are recorded when there is a backend.
  public var recordsMetrics = true
  /// Whether spans are recorded, and their context sent and read, when there is a tracer.
  public var recordsSpans = true

  /// Makes the default: everything for which there is a backend.
  public init() {}

  /// Nothing is reported, whatever is bootstrapped.
  public static var disabled: RPCInstrumentation {
    var instrumentation = RPCInstrumentation()
    instrumentation.recordsMetrics = false
    instrumentation.recordsSpans = false
    return instrumentation
  }
}
