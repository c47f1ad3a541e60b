internal import Logging
internal import Synchronization
internal import ZeroMQ

#if Metrics
  internal import Metrics
#endif
#if Tracing
  internal import Tracing
#endif

/// Reports the calls of a client. There is none when nobody listens, so that a call pays for one comparison.
final class ClientInstruments: Sendable {
  fileprivate let logger: Logger?
  #if Metrics
    fileprivate let metrics: CallMetrics?
    private let reconnects: Counter?
  #endif
  #if Tracing
    private let tracer: CallTracer?
  #endif

  init?(_ configuration: RPCClientConfiguration) {
    logger = configuration.logger.ifAny
    var isUsed = logger != nil
    #if Metrics
      metrics = CallMetrics(role: "client", configuration.instrumentation)
      reconnects = metrics.map { Counter(label: "zerorpc.client.reconnects", factory: $0.factory) }
      isUsed = isUsed || metrics != nil
    #endif
    #if Tracing
      tracer = CallTracer(configuration.instrumentation)
      isUsed = isUsed || tracer != nil
    #endif
    guard isUsed else { return nil }
  }

  /// Notes that a call begins; its options get the headers that carry the trace.
  func begin(_ method: String, _ options: inout RPCCallOptions, _ endpoints: [String]) -> Report {
    #if Metrics
      metrics?.inFlight.increment()
    #endif
    #if Tracing
      return Report(self, method, endpoints, tracer?.startClientSpan(method, &options, endpoints))
    #else
      return Report(self, method, endpoints)
    #endif
  }

  /// Notes that a connection stands again.
  func reconnected() {
    #if Metrics
      reconnects?.increment()
    #endif
  }

  /// Notes how much the queue of unsent events has grown or shrunk.
  func queueChanged(by difference: Int) {
    #if Metrics
      if difference != 0 { metrics?.queuedEvents.add(difference) }
    #endif
  }

  /// Follows one call until all of it is over.
  final class Report: Sendable {
    private enum Phase { case calling, streaming, ended }

    private let instruments: ClientInstruments
    private let method: String
    private let endpoints: [String]
    private let start = MonotonicTime.now()
    private let phase = Mutex(Phase.calling)

    #if Tracing
      private let span: (any Tracing.Span)?

      fileprivate init(
        _ instruments: ClientInstruments, _ method: String, _ endpoints: [String], _ span: (any Tracing.Span)?
      ) {
        self.instruments = instruments
        self.method = method
        self.endpoints = endpoints
        self.span = span
      }
    #else
      fileprivate init(_ instruments: ClientInstruments, _ method: String, _ endpoints: [String]) {
        self.instruments = instruments
        self.method = method
        self.endpoints = endpoints
      }
    #endif

    /// Notes that the answer is a stream, which ends later.
    func streamOpened() {
      let isOpen = phase.withLock { phase in
        // An interceptor may have consumed it already.
        guard phase == .calling else { return false }
        phase = .streaming
        return true
      }
      guard isOpen else { return }
      #if Metrics
        instruments.metrics?.openStreams.increment()
      #endif
    }

    /// Notes that all of the call is over.
    func end(_ error: (any Error)?) {
      let before = phase.withLock { phase in
        defer { phase = .ended }
        return phase
      }
      guard before != .ended else { return }
      let elapsed = MonotonicTime.now() &- start
      #if Metrics
        if let metrics = instruments.metrics {
          metrics.inFlight.decrement()
          if before == .streaming { metrics.openStreams.decrement() }
          metrics.durations.record(method, error.map(ErrorType.name(of:)), nanoseconds: elapsed)
          if let error = error as? RPCError, error.code == .lostPeer { metrics.lostPeers.increment() }
          if let error = error as? RemoteError, error.isRetriable { metrics.refusedCalls.increment() }
        }
      #endif
      #if Tracing
        span?.end(error)
      #endif
      if let error, let logger = instruments.logger {
        logger.debug(
          "call failed",
          metadata: [
            "rpc.method": "\(method)", "error.type": "\(ErrorType.name(of: error))",
            "endpoint": "\(endpoints.joined(separator: " "))", "milliseconds": "\(elapsed / 1_000_000)",
            "reason": "\(error)",
          ])
      }
    }
  }
}

extension Logger {
  /// The logger, unless it logs nothing.
  var ifAny: Logger? { handler is SwiftLogNoOpLogHandler ? nil : self }
}
