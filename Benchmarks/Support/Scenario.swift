/// One point of the benchmark: what is called, how, and over what. Every subject of a scenario does the same.
package struct Scenario: Hashable, Sendable {
  package var mode: LoadMode
  package var transport: Transport
  /// Calls in flight over all connections, or the window of a stream.
  package var inFlight: Int
  package var connections: Int
  /// Message size in bytes.
  package var size: Int
  /// The rate of an open loop as a share of the measured peak.
  package var rateShare: Double?

  /// Makes a scenario; the defaults are those of the headline figures.
  package init(
    _ mode: LoadMode, over transport: Transport = .tcp, inFlight: Int = 1, connections: Int = 1, size: Int = 60,
    rateShare: Double? = nil
  ) {
    self.mode = mode
    self.transport = transport
    self.inFlight = inFlight
    self.connections = connections
    self.size = size
    self.rateShare = rateShare
  }

  /// One short line that names all that differs from other scenarios.
  package var title: String {
    var parts = [mode.rawValue, transport.rawValue, Self.describe(bytes: size)]
    switch mode {
    case .sequential: break
    case .pipelined: parts.append("\(inFlight) in flight")
    case .stream: parts.append("window \(inFlight)")
    case .push, .publish: parts.append("mark \(inFlight)")
    case .openLoop: parts.append("\(Int(((rateShare ?? 0) * 100).rounded())) % of peak")
    case .idle: break
    }
    if connections > 1 { parts.append("\(connections) connections") }
    return parts.joined(separator: " · ")
  }

  /// Writes a number of bytes as people say it: 60 B, 64 KiB, 16 MiB.
  package static func describe(bytes: Int) -> String {
    if bytes >= 1 << 20 && bytes % (1 << 20) == 0 { return "\(bytes >> 20) MiB" }
    if bytes >= 1 << 10 && bytes % (1 << 10) == 0 { return "\(bytes >> 10) KiB" }
    return "\(bytes) B"
  }

  /// Whether a smaller figure of this scenario is better (latency), not a larger one (messages per second).
  package var isAboutLatency: Bool { mode == .sequential || mode == .openLoop }
}
