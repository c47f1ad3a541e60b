internal import Foundation

/// The one JSON line that the load role of a subject prints. Benchmarks/README.md describes its keys.
package struct LoadResult: Codable, Sendable, Equatable {
  /// The name of the program that was measured.
  package var subject: String
  package var mode: LoadMode
  package var endpoint: String
  /// Calls kept in flight over all connections; the window of a stream.
  package var inFlight: Int
  package var connections: Int
  /// Message size in bytes.
  package var size: Int
  /// Messages sent, without the warm-up.
  package var sent: UInt64
  /// Messages that came back, or that the server has counted. A run where it differs from `sent` has failed.
  package var received: UInt64
  package var elapsedNanoseconds: UInt64
  /// CPU time of the load process alone.
  package var userNanoseconds: UInt64
  package var systemNanoseconds: UInt64
  package var voluntarySwitches: UInt64
  package var involuntarySwitches: UInt64
  package var maximumResidentBytes: UInt64
  /// Whether the program was compiled with optimisation; missing when it does not say.
  package var isOptimized: Bool?
  /// Latencies of the recorded calls: all of them, or a sample of those in a pipelined load.
  package var latency: Histogram

  /// Messages per second.
  package var rate: Double {
    elapsedNanoseconds == 0 ? 0 : Double(received) * 1e9 / Double(elapsedNanoseconds)
  }

  /// Makes the result of a run between two moments.
  package init(
    subject: String, options: LoadOptions, sent: UInt64, received: UInt64, latency: Histogram,
    from started: ProcessUsage,
    to ended: ProcessUsage
  ) {
    self.subject = subject
    self.mode = options.mode
    self.endpoint = options.endpoint
    self.inFlight = options.inFlight
    self.connections = options.connections
    self.size = options.size
    self.sent = sent
    self.received = received
    self.elapsedNanoseconds = ended.time - started.time
    self.userNanoseconds = ended.userNanoseconds - started.userNanoseconds
    self.systemNanoseconds = ended.systemNanoseconds - started.systemNanoseconds
    self.voluntarySwitches = ended.voluntarySwitches - started.voluntarySwitches
    self.involuntarySwitches = ended.involuntarySwitches - started.involuntarySwitches
    self.maximumResidentBytes = ended.maximumResidentBytes
    #if DEBUG
      self.isOptimized = false
    #else
      self.isOptimized = true
    #endif
    self.latency = latency
  }

  private enum CodingKeys: String, CodingKey {
    case subject, mode, endpoint
    case inFlight = "in_flight"
    case connections, size, sent, received
    case elapsedNanoseconds = "elapsed_ns"
    case userNanoseconds = "cpu_user_ns"
    case systemNanoseconds = "cpu_system_ns"
    case voluntarySwitches = "voluntary_switches"
    case involuntarySwitches = "involuntary_switches"
    case maximumResidentBytes = "max_rss_bytes"
    case isOptimized = "optimized"
    case latency = "latency_ns"
    case histogram
  }

  /// The summary that stands beside the buckets: exact extremes, and percentiles for readers without the buckets.
  private struct LatencySummary: Codable {
    var count: UInt64
    var min: UInt64
    var mean: UInt64
    var p50: UInt64
    var p90: UInt64
    var p99: UInt64
    var p999: UInt64
    var max: UInt64

    enum CodingKeys: String, CodingKey {
      case count, min, mean, p50, p90, p99
      case p999 = "p99_9"
      case max
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    subject = try container.decode(String.self, forKey: .subject)
    mode = try container.decode(LoadMode.self, forKey: .mode)
    endpoint = try container.decode(String.self, forKey: .endpoint)
    inFlight = try container.decode(Int.self, forKey: .inFlight)
    connections = try container.decode(Int.self, forKey: .connections)
    size = try container.decode(Int.self, forKey: .size)
    sent = try container.decode(UInt64.self, forKey: .sent)
    received = try container.decode(UInt64.self, forKey: .received)
    elapsedNanoseconds = try container.decode(UInt64.self, forKey: .elapsedNanoseconds)
    userNanoseconds = try container.decode(UInt64.self, forKey: .userNanoseconds)
    systemNanoseconds = try container.decode(UInt64.self, forKey: .systemNanoseconds)
    voluntarySwitches = try container.decode(UInt64.self, forKey: .voluntarySwitches)
    involuntarySwitches = try container.decode(UInt64.self, forKey: .involuntarySwitches)
    maximumResidentBytes = try container.decode(UInt64.self, forKey: .maximumResidentBytes)
    isOptimized = try container.decodeIfPresent(Bool.self, forKey: .isOptimized)
    let summary = try container.decode(LatencySummary.self, forKey: .latency)
    var buckets: [(index: Int, count: UInt64)] = []
    for pair in try container.decode([[UInt64]].self, forKey: .histogram) {
      guard pair.count == 2, pair[0] < UInt64(Histogram.bucketCount) else {
        throw DecodingError.dataCorruptedError(
          forKey: .histogram, in: container, debugDescription: "\(pair) is not a pair of a bucket and its count")
      }
      buckets.append((index: Int(pair[0]), count: pair[1]))
    }
    latency = Histogram(
      buckets: buckets, minimum: summary.min, maximum: summary.max,
      sum: summary.mean.multipliedReportingOverflow(by: summary.count).partialValue)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(subject, forKey: .subject)
    try container.encode(mode, forKey: .mode)
    try container.encode(endpoint, forKey: .endpoint)
    try container.encode(inFlight, forKey: .inFlight)
    try container.encode(connections, forKey: .connections)
    try container.encode(size, forKey: .size)
    try container.encode(sent, forKey: .sent)
    try container.encode(received, forKey: .received)
    try container.encode(elapsedNanoseconds, forKey: .elapsedNanoseconds)
    try container.encode(userNanoseconds, forKey: .userNanoseconds)
    try container.encode(systemNanoseconds, forKey: .systemNanoseconds)
    try container.encode(voluntarySwitches, forKey: .voluntarySwitches)
    try container.encode(involuntarySwitches, forKey: .involuntarySwitches)
    try container.encode(maximumResidentBytes, forKey: .maximumResidentBytes)
    try container.encodeIfPresent(isOptimized, forKey: .isOptimized)
    let summary = LatencySummary(
      count: latency.count, min: latency.minimum, mean: latency.mean, p50: latency.percentile(0.5),
      p90: latency.percentile(0.9), p99: latency.percentile(0.99), p999: latency.percentile(0.999),
      max: latency.maximum)
    try container.encode(summary, forKey: .latency)
    try container.encode(latency.sparseBuckets.map { [UInt64($0.index), $0.count] }, forKey: .histogram)
  }
}

extension LoadResult {
  /// The line of the protocol.
  package var line: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
