#if Metrics
  internal import Metrics

  /// Holds what clients and servers both report.
  struct CallMetrics: Sendable {
    let durations: CallTimers
    let inFlight: Meter
    let openStreams: Meter
    let queuedEvents: Meter
    let lostPeers: Counter
    let refusedCalls: Counter
    let factory: any MetricsFactory

    /// Makes the metrics of a role; nil when no backend is bootstrapped.
    ///
    /// - Parameter duration: the name of the metric of durations; OpenTelemetry's for calls unless given.
    init?(role: String, duration: String? = nil, _ instrumentation: RPCInstrumentation) {
      let factory = MetricsSystem.factory
      guard instrumentation.recordsMetrics, !(factory is NOOPMetricsHandler) else { return nil }
      self.factory = factory
      durations = CallTimers(duration ?? "rpc.\(role).call.duration", factory)
      inFlight = Meter(label: "zerorpc.\(role).calls_in_flight", factory: factory)
      openStreams = Meter(label: "zerorpc.\(role).open_streams", factory: factory)
      queuedEvents = Meter(label: "zerorpc.\(role).queued_events", factory: factory)
      lostPeers = Counter(label: "zerorpc.\(role).lost_peers", factory: factory)
      refusedCalls = Counter(label: "zerorpc.\(role).refused_calls", factory: factory)
    }
  }

  extension Meter {
    /// Adds to the value, or takes from it.
    func add(_ difference: Int) {
      if difference > 0 { increment(by: Double(difference)) }
      if difference < 0 { decrement(by: Double(-difference)) }
    }
  }
#endif
