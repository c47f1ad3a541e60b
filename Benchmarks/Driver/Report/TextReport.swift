internal import BenchmarkSupport

/// The tables that a session prints at its end.
struct TextReport {
  let session: Session
  let absent: [Subject]

  /// Every figure, by scenario and subject.
  var figures: String {
    var table = TextTable(
      header: [
        "scenario", "subject", "msg/s", "p50", "p90", "p99", "p99.9", "max", "× floor", "CPU/msg c", "s",
        "switches/msg c",
        "s", "RSS c", "s",
      ], leftColumns: 2)
    for scenario in session.table.scenarios {
      for subject in session.subjects.map(\.name) {
        let runs = session.table.measurements(of: subject, in: scenario)
        if !runs.isEmpty { table.add(row(scenario, subject, runs)) }
      }
    }
    return table.text
  }

  private func row(_ scenario: Scenario, _ subject: String, _ runs: [MeasuredRun]) -> [String] {
    func median(_ value: (MeasuredRun) -> Double?) -> Double? { Statistics.median(runs.compactMap(value)) }
    func latency(_ share: Double) -> String {
      median { $0.load.latency.count == 0 ? nil : Double($0.load.latency.percentile(share)) }.map(Format.duration)
        ?? "–"
    }
    func perMessage(_ total: UInt64, of messages: UInt64) -> Double? {
      messages == 0 || scenario.mode == .idle ? nil : Double(total) / Double(messages)
    }
    let clientCPU = median {
      perMessage($0.load.userNanoseconds + $0.load.systemNanoseconds, of: $0.load.received)
    }
    let clientSwitches = median {
      perMessage($0.load.voluntarySwitches + $0.load.involuntarySwitches, of: $0.load.received)
    }
    let serverCPU = median { run in run.server.flatMap { perMessage($0.cpuNanoseconds, of: $0.messages) } }
    let serverSwitches = median { run in run.server.flatMap { perMessage($0.switches, of: $0.messages) } }
    var title = scenario.title
    if let rate = session.rates[scenario] { title += " (\(Format.count(rate))/s)" }
    return [
      title, subject, scenario.mode == .idle ? "–" : median { $0.load.rate }.map(Format.count) ?? "–", latency(0.5),
      latency(0.9), latency(0.99), latency(0.999), latency(1),
      Format.ratio(session.table.ratioToFloor(of: subject, in: scenario)),
      clientCPU.map(Format.duration) ?? "–", serverCPU.map(Format.duration) ?? "–",
      clientSwitches.map(Format.digits) ?? "–", serverSwitches.map(Format.digits) ?? "–",
      median { Double($0.load.maximumResidentBytes) }.map(Format.mebibytes) ?? "–",
      median { run in run.server.map { Double($0.residentBytes) } }.map(Format.mebibytes) ?? "–",
    ]
  }

  /// Heap allocations per call.
  var allocations: String? {
    guard !session.table.allocations.isEmpty else { return nil }
    var table = TextTable(
      header: ["allocations per call", "client", "server", "libzmq in client", "libzmq in server"], leftColumns: 1)
    for (subject, figures) in session.table.allocations.sorted(by: { $0.key < $1.key }) {
      table.add(
        [subject]
          + [figures.client, figures.server, figures.clientInLibzmq, figures.serverInLibzmq].map(Format.digits))
    }
    return table.text
  }

  /// One line per target, and why some were missed.
  var verdicts: String {
    var table = TextTable(header: ["target", "bound", "reached", "verdict"], leftColumns: 4)
    var reasons: [String] = []
    for target in Target.catalogue {
      let verdict = target.verdict(on: session.table)
      let (sign, limit) =
        switch target.bound {
        case .atMost(let limit): ("≤", limit)
        case .atLeast(let limit): ("≥", limit)
        }
      table.add([
        target.title, Self.figure(limit, target.unit, sign: sign + " "),
        verdict.figure.map { Self.figure($0, target.unit) } ?? "–", verdict.outcome.rawValue,
      ])
      if let reason = verdict.reason { reasons.append("missed: \(target.title): \(reason)") }
    }
    return reasons.isEmpty ? table.text : table.text + "\n\n" + reasons.joined(separator: "\n")
  }

  /// The subjects that were left out because they are not here.
  var missing: String? {
    guard !absent.isEmpty else { return nil }
    return absent.map { "not present: \($0.name). To measure it: \($0.installation)" }.joined(separator: "\n")
  }

  private static func figure(_ value: Double, _ unit: String, sign: String = "") -> String {
    if unit == "×" { return sign + Format.ratio(value) }
    return sign + (unit.isEmpty ? Format.digits(value) : "\(Format.count(value)) \(unit)")
  }
}
