internal import Logging
internal import ZeroMQ

#if Metrics
  internal import Metrics
#endif
#if Tracing
  internal import Tracing
#endif

/// Reports the calls of a server. There is none when nobody listens, so that a call pays for one comparison.
final class ServerInstruments: Sendable {
  private let logger: Logger?
  #if Metrics
    private let metrics: CallMetrics?
    private let queuedCalls: Meter?
    private let creditStalls: Counter?
  #endif
  #if Tracing
    private let tracer: CallTracer?
  #endif

  init?(_ configuration: RPCServerConfiguration) {
    logger = configuration.logger.ifAny
    var isUsed = logger != nil
    #if Metrics
      metrics = CallMetrics(role: "server", configuration.instrumentation)
      queuedCalls = metrics.map { Meter(label: "zerorpc.server.queued_calls", factory: $0.factory) }
      creditStalls = metrics.map { Counter(label: "zerorpc.server.credit_stalls", factory: $0.factory) }
      isUsed = isUsed || metrics != nil
    #endif
    #if Tracing
      tracer = CallTracer(configuration.instrumentation)
      isUsed = isUsed || tracer != nil
    #endif
    guard isUsed else { return nil }
  }

  // MARK: Calls

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
      let span = tracer?.startServerSpan(call.method, call.headers())
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
    if let error, let logger {
      var metadata = ServerInstruments.metadata(of: call)
      metadata["error.type"] = "\(ErrorType.name(of: error))"
      metadata["milliseconds"] = "\(elapsed / 1_000_000)"
      metadata["reason"] = "\(error)"
      logger.debug("call failed", metadata: metadata)
    }
  }

  private func logged(_ call: RPCServerCall, _ answer: () async -> (any Error)?) async -> (any Error)? {
    guard var logger else { return await answer() }
    for (key, value) in ServerInstruments.metadata(of: call) { logger[metadataKey: key] = value }
    return await withLogger(logger) { _ in await answer() }
  }

  /// What log entries say about a call: its method, its channel, and the routing id of its caller's connection.
  private static func metadata(of call: RPCServerCall) -> Logger.Metadata {
    [
      "rpc.method": "\(call.method)",
      "rpc.channel": "\(call.id.withUnsafeBytes { EventTracer.identifier($0[...]) })",
      "rpc.peer": "\(call.routing.withUnsafeBytes { EventTracer.hexadecimal($0[...]) })",
    ]
  }

  // MARK: What is no call

  /// Notes calls of methods that do not exist.
  func unknown(_ count: Int) {
    #if Metrics
      for _ in 0..<count { metrics?.durations.record(nil, "NameError", nanoseconds: 0) }
    #endif
  }

  /// Notes calls that were refused because the server shuts down.
  func refused(_ count: Int) {
    #if Metrics
      if count > 0 { metrics?.refusedCalls.increment(by: count) }
    #endif
  }

  /// Notes calls whose clients' heartbeats have stopped.
  func lost(_ count: Int) {
    #if Metrics
      if count > 0 { metrics?.lostPeers.increment(by: count) }
    #endif
  }

  /// Notes that a stream has to wait for its consumer.
  func stalled() {
    #if Metrics
      creditStalls?.increment()
    #endif
  }

  /// Notes how many calls began, or ceased, to wait for a handler.
  func waitingCalls(_ difference: Int) {
    #if Metrics
      if difference != 0 { queuedCalls?.add(difference) }
    #endif
  }

  /// Notes how much the queue of unsent events has grown or shrunk.
  func queueChanged(by difference: Int) {
    #if Metrics
      if difference != 0 { metrics?.queuedEvents.add(difference) }
    #endif
  }
}
