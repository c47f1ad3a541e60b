internal import BenchmarkSupport
internal import Foundation
internal import MessagePack

/// Writes what a load has shown.
struct BenchReport {
  let result: BenchResult
  let endpoint: String
  let method: String
  let connections: Int
  let plan: BenchPlan

  private static let shares: [(name: String, share: Double)] = [
    ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999),
  ]

  private var record: BenchRecord { result.record }

  /// A few lines for people.
  var text: String {
    let load =
      plan.rate.map { "\(Self.number($0, 0)) calls per second" }
      ?? "\(plan.inFlight) call\(plan.inFlight == 1 ? "" : "s") in flight"
    var lines = [
      "\(method) at \(endpoint): \(load) on \(connections) connection\(connections == 1 ? "" : "s"), for "
        + "\(Self.number(result.seconds, 2)) s\(result.isInterrupted ? ", then interrupted" : "")",
      "",
      line("calls", record.latency.count, result.throughput),
    ]
    if record.hasStreams {
      lines.append(line("items", record.items, result.seconds > 0 ? Double(record.items) / result.seconds : 0))
    }
    lines.append("  errors   \(Self.padded(Self.grouped(record.failed), 12))")
    for (kind, failures) in record.failures.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
      let message = failures.message.split(separator: "\n").first ?? ""
      lines.append("    \(kind) \(Self.grouped(failures.count)), the first: \(message)")
    }
    if record.latency.count > 0 {
      let figures = figures
      lines += [
        "", "  latency  " + figures.map { Self.padded($0.name, 10) }.joined(),
        "  ms       " + figures.map { Self.padded(Self.number($0.milliseconds, 3), 10) }.joined(),
      ]
    }
    return lines.joined(separator: "\n").withoutControls
  }

  /// One line while it goes on.
  var progressLine: String {
    let median = Self.number(Double(record.latency.percentile(0.5)) / 1e6, 3)
    let tail = Self.number(Double(record.latency.percentile(0.99)) / 1e6, 3)
    return "\(Self.number(result.seconds, 1)) s   \(Self.grouped(record.latency.count)) calls   "
      + "\(Self.grouped(UInt64(result.throughput)))/s   p50 \(median) ms   p99 \(tail) ms   "
      + "\(Self.grouped(record.failed)) errors"
  }

  /// One JSON object, with times in milliseconds.
  var json: String {
    var latency: MessagePackMap = [:]
    for figure in figures { latency[figure.name] = .double(figure.milliseconds) }
    var errors: MessagePackMap = [:]
    for (kind, failures) in record.failures.sorted(by: { $0.key < $1.key }) {
      errors[kind] = MessagePackValue(failures.count)
    }
    var fields: MessagePackMap = [
      "endpoint": .string(endpoint), "method": .string(method), "connections": MessagePackValue(connections),
      "in_flight": MessagePackValue(plan.inFlight), "rate": plan.rate.map { .double($0) } ?? .nil,
      "seconds": .double(result.seconds), "interrupted": .bool(result.isInterrupted),
      "calls": MessagePackValue(record.latency.count), "calls_per_second": .double(result.throughput),
      "failed": MessagePackValue(record.failed), "errors": .map(errors), "latency_ms": .map(latency),
    ]
    if record.hasStreams { fields["items"] = MessagePackValue(record.items) }
    return MessagePackValue.map(fields).json
  }

  private var figures: [(name: String, milliseconds: Double)] {
    let latency = record.latency
    let percentiles = Self.shares.map { ($0.name, latency.percentile($0.share)) }
    return ([("min", latency.minimum), ("mean", latency.mean)] + percentiles + [("max", latency.maximum)])
      .map { (name: $0.0, milliseconds: Double($0.1) / 1e6) }
  }

  private func line(_ name: String, _ count: UInt64, _ rate: Double) -> String {
    "  \(name)    \(Self.padded(Self.grouped(count), 12))   \(Self.padded(Self.number(rate, 1), 12)) per second"
  }

  // MARK: Numbers

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private static func grouped(_ number: UInt64) -> String {
    var digits = String(number)[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits.removeLast(3)
    }
    return ([digits] + groups).joined(separator: ",")
  }

  private static func number(_ number: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", number)
  }
}
