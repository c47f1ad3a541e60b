internal import MessagePack

/// Writes what a broker or a proxy does as text.
struct TopScreen {
  /// What the endpoint answered, and how long after the answer before.
  let answer: Inquiry.Answer
  let previous: Inquiry.Answer?
  let seconds: Double

  /// A table for a terminal.
  var table: String {
    switch answer {
    case .broker(let report): brokerTable(report)
    case .proxy(let numbers): proxyTable(numbers)
    }
  }

  /// One line per thing, for pipes.
  var lines: String {
    switch answer {
    case .broker(let report):
      return ([summary(report)] + workers(report).map { "worker \(labelled($0))" }).joined(separator: "\n")
    case .proxy(let numbers):
      return zip(TopScreen.directions, rates(numbers)).map { direction, rate in
        "\(direction.replacing(" ", with: "-")) messages \(rate.messages) bytes \(rate.bytes) messages/s \(rate.perSecond)"
      }.joined(separator: "\n")
    }
  }

  /// One object, for programs.
  var json: String {
    switch answer {
    case .broker(let report): return report.json
    case .proxy(let numbers):
      let names = TopScreen.directions.flatMap { name in ["\(name) messages", "\(name) bytes"] }
      let pairs = zip(names, numbers).map { name, number in
        MessagePackMap.Pair(key: .string(name.replacing(" ", with: "_")), value: MessagePackValue(number))
      }
      return MessagePackValue.map(MessagePackMap(pairs)).json
    }
  }

  // MARK: Brokers

  private static let columns: [(title: String, key: String)] = [
    ("worker", "name"), ("state", "state"), ("in flight", "inFlight"), ("calls/s", "callsPerSecond"),
    ("calls", "calls"),
    ("done", "done"), ("errors", "errors"), ("lost", "lost"),
  ]

  private func workers(_ report: MessagePackValue) -> [MessagePackValue] { report["workers"]?.arrayValue ?? [] }

  private func brokerTable(_ report: MessagePackValue) -> String {
    let rows =
      [TopScreen.columns.map(\.title)]
      + workers(report).map { worker in
        TopScreen.columns.map { text(worker[$0.key]) }
      }
    return "\(summary(report))\n\n\(TopScreen.aligned(rows))"
  }

  private func summary(_ report: MessagePackValue) -> String {
    let drops = (report["drops"]?.mapValue?.map { "\(text($0.key)) \(text($0.value))" } ?? []).sorted()
    let total = report["drops"]?.mapValue?.reduce(UInt64(0)) { $0 + (UInt64(text($1.value)) ?? 0) } ?? 0
    let figures = [
      ("calls/s", "callsPerSecond"), ("in-flight", "channels"), ("waiting", "waiting"), ("calls", "calls"),
      ("done", "done"), ("errors", "errors"), ("lost", "lost"), ("expired", "expired"),
    ].map { "\($0.0) \(text(report[$0.1]))" }.joined(separator: "  ")
    return "broker \(text(report["policy"]))  \(figures)  dropped \(total)"
      + (drops.isEmpty ? "" : " (\(drops.joined(separator: ", ")))")
  }

  private func labelled(_ worker: MessagePackValue) -> String {
    TopScreen.columns.map { column in
      let value = text(worker[column.key])
      return column.key == "name" ? value : "\(column.title.replacing(" ", with: "-")) \(value)"
    }.joined(separator: " ")
  }

  private func text(_ value: MessagePackValue?) -> String {
    switch value {
    case .string(let text): text.withoutControls
    case .double(let number): TopScreen.rounded(number)
    case .some(let value): value.json
    case nil: "-"
    }
  }

  // MARK: Proxies

  private static let directions = ["frontend received", "frontend sent", "backend received", "backend sent"]

  private func rates(_ numbers: [UInt64]) -> [(messages: UInt64, bytes: UInt64, perSecond: String)] {
    var before: [UInt64]?
    if case .proxy(let numbers) = previous { before = numbers }
    return stride(from: 0, to: 8, by: 2).map { index in
      let difference = before.map { Double(numbers[index] &- min($0[index], numbers[index])) }
      return (
        numbers[index], numbers[index + 1],
        difference.map { seconds > 0 ? TopScreen.rounded($0 / seconds) : "-" } ?? "-"
      )
    }
  }

  private func proxyTable(_ numbers: [UInt64]) -> String {
    let rows = zip(TopScreen.directions, rates(numbers)).map { direction, rate in
      [direction, rate.perSecond, "\(rate.messages)", "\(rate.bytes)"]
    }
    return "proxy\n\n" + TopScreen.aligned([["", "messages/s", "messages", "bytes"]] + rows)
  }

  // MARK: Text

  private static func rounded(_ number: Double) -> String {
    let tenths = (number * 10).rounded()
    guard let whole = Int64(exactly: tenths) else { return "\(number)" }
    return "\(whole / 10).\(abs(whole % 10))"
  }

  /// The first column to the left, numbers to the right.
  private static func aligned(_ rows: [[String]]) -> String {
    guard let count = rows.first?.count else { return "" }
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { index, text in
        let space = String(repeating: " ", count: widths[index] - text.count)
        return index == 0 ? text + space : space + text
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
