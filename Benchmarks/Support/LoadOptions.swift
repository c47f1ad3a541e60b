/// The options of a subject's load role, as in the protocol of Benchmarks/README.md.
package struct LoadOptions: Sendable, Equatable {
  /// Where the server is.
  package var endpoint: String
  package var mode: LoadMode
  /// Calls kept in flight over all connections; the window of a stream.
  package var inFlight = 1
  /// Stops after so many messages; no limit when nil.
  package var count: UInt64?
  /// Stops after so many seconds; no limit when nil.
  package var seconds: Double?
  /// Message size in bytes.
  package var size = 60
  /// Messages made before the measured ones.
  package var warmup: UInt64 = 1000
  package var connections = 1
  /// Messages per second of the open loop.
  package var rate: Double?

  /// Makes options that still need an end: a count or seconds.
  package init(endpoint: String, mode: LoadMode) {
    self.endpoint = endpoint
    self.mode = mode
  }

  /// Names the first option that does not fit, or returns nil.
  package var problem: String? {
    if endpoint.isEmpty { return "--endpoint is empty" }
    if count == nil && seconds == nil { return "one of --count and --seconds is needed" }
    if count == 0 { return "--count is 0, but must be at least 1" }
    if let seconds, !(seconds > 0 && seconds.isFinite) { return "--seconds is \(seconds), but must be above 0" }
    if inFlight < 1 { return "--in-flight is \(inFlight), but must be at least 1" }
    if connections < 1 { return "--connections is \(connections), but must be at least 1" }
    if size < 0 { return "--size is \(size), but must be at least 0" }
    if mode == .sequential && inFlight != 1 { return "--in-flight is \(inFlight), but --mode sequential keeps 1" }
    if mode == .pipelined && inFlight < connections {
      return "--in-flight is \(inFlight), but must be at least --connections (\(connections))"
    }
    if mode == .openLoop {
      guard let rate else { return "--mode open-loop needs --rate" }
      if !(rate > 0 && rate.isFinite) { return "--rate is \(rate), but must be above 0" }
    }
    if mode == .idle && seconds == nil { return "--mode idle needs --seconds" }
    return nil
  }
}
