internal import Logging
internal import ZeroMQ

#if Metrics
  internal import Metrics
#endif
#if Tracing
  internal import Tracing
#endif

/// Reports the handlers that run: those of a server's calls, or of a receiver's messages. There is none when nobody listens.
final class HandlerInstruments: Sendable {
  /// Says what handlers handle.
  enum Role: Sendable { case server, receiver }

  private let role: Role
  private let logger: Logger?
  #if Metrics
    let metrics: CallMetrics?
  #endif
  #if Tracing
    private let tracer: CallTracer?
  #endif

  init?(_ role: Role, _ instrumentation: RPCInstrumentation, _ logger: Logger) {
    self.role = role
    self.logger = logger.ifAny
    var isUsed = self.logger != nil
    #if Metrics
      metrics =
        switch role {
        case .server: CallMetrics(role: "server", instrumentation)
        case .receiver: CallMetrics(role: "receiver", duration: "zerorpc.receiver.message.duration", instrumentation)
        }
      isUsed = isUsed || metrics != nil
    #endif
    #if Tracing
      tracer = CallTracer(instrumentation)
      isUsed = isUsed || tracer != nil
    #endif
    guard isUsed else { return nil }
  }

  /// Runs a handler: inside of its span, with a logger that names the call as `Logger.current`.
  ///
  /// - Parameter answer: runs it and answers; returns the error that it answered with.
  func report(_ call: RPCServerCall, _ answer: () async -> (any Error)?) async {
    let start = MonotonicTime.now()
    #if Metrics
      let isStream = call.definition?.definition.isStream ?? false
      metrics?.inFlight.increment()
      if isStream { metrics?.openStreams.increment() }
    #endif
    #if Tracing
      let span = tracer?.startServerSpan(call.method, call.headers(), role == .server ? .server : .consumer)
      let error: (any Error)?
      if let span {
        error = await ServiceContext.withValue(span.context) { await logged(call, answer) }
      } else {
        error = await logged(call, answer)
      }
      span?.end(error)
    #else
      let error = await logged(call, answer)
    #endif
    let elapsed = MonotonicTime.now() &- start
    #if Metrics
      if let metrics {
        metrics.inFlight.decrement()
        if isStream { metrics.openStreams.decrement() }
        metrics.durations.record(call.method, error.map(ErrorType.name(of:)), nanoseconds: elapsed)
      }
    #endif
    // A receiver has nobody to tell, and so has warned of it.
    if role == .server, let error, let logger {
      var metadata = metadata(of: call)
      metadata["error.type"] = "\(ErrorType.name(of: error))"
      metadata["milliseconds"] = "\(elapsed / 1_000_000)"
      metadata["reason"] = "\(error)"
      logger.debug("call failed", metadata: metadata)
    }
  }

  private func logged(_ call: RPCServerCall, _ answer: () async -> (any Error)?) async -> (any Error)? {
    guard var logger else { return await answer() }
    for (key, value) in metadata(of: call) { logger[metadataKey: key] = value }
    return await withLogger(logger) { _ in await answer() }
  }

  /// What log entries say about a call: its method and, where there is an answer to give, its channel and the routing id of
  /// its caller's connection.
  private func metadata(of call: RPCServerCall) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["rpc.method": "\(call.method)"]
    if role == .server {
      metadata["rpc.channel"] = "\(call.id.withUnsafeBytes { EventTracer.identifier($0[...]) })"
      metadata["rpc.peer"] = "\(call.routing.withUnsafeBytes { EventTracer.hexadecimal($0[...]) })"
    }
    return metadata
  }
}
