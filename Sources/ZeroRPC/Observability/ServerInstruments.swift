#if Metrics
  internal import Metrics
#endif

/// Reports the calls of a server. There is none when nobody listens, so that a call pays for one comparison.
final class ServerInstruments: Sendable {
  let handlers: HandlerInstruments
  #if Metrics
    private let queuedCalls: Meter?
    private let creditStalls: Counter?

    private var metrics: CallMetrics? { handlers.metrics }
  #endif

  init?(_ configuration: RPCServerConfiguration) {
    guard let handlers = HandlerInstruments(.server, configuration.instrumentation, configuration.logger) else {
      return nil
    }
    self.handlers = handlers
    #if Metrics
      queuedCalls = handlers.metrics.map { Meter(label: "zerorpc.server.queued_calls", factory: $0.factory) }
      creditStalls = handlers.metrics.map { Counter(label: "zerorpc.server.credit_stalls", factory: $0.factory) }
    #endif
  }

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
