internal import BenchmarkSupport
internal import Foundation

/// A picture of some of a session's results.
struct Chart {
  /// The name of its file, without extension.
  var name: String
  var svg: String

  /// The charts that a session has results for.
  static func all(of session: Session) -> [Chart] {
    [latency(of: session), throughput(of: session), payloadRatio(of: session)].compactMap { $0 }
  }

  /// How many of the calls take how long: one curve per subject, the tail stretched.
  private static func latency(of session: Session) -> Chart? {
    let scenario = Scenario(.sequential)
    // "Nines" spread the tail evenly: 0.9 at one, 0.99 at two.
    let shares = stride(from: 0.0, through: 3.0, by: 0.05).map { 1 - pow(10, -$0) }
    let series = present(in: scenario, session).map { subject, color in
      var all = Histogram()
      for run in session.table.measurements(of: subject, in: scenario) { all.merge(run.load.latency) }
      let points = shares.map { (x: 1 / (1 - $0), y: Double(all.percentile($0)) / 1000) }
      return LineChart.Series(name: subject, color: color, points: points, hasDots: false)
    }
    guard !series.isEmpty else { return nil }
    let chart = LineChart(
      title: "Latency of one call at a time", note: "\(scenario.title) · all rounds together · lower is better",
      horizontal: .values("percentile", [1, 10, 100, 1000]) { "p" + Format.digits(100 * (1 - 1 / $0), decimals: 2) },
      vertical: .decades("microseconds", around: series.flatMap(\.points).map(\.y), label: Format.plain),
      series: series)
    return Chart(name: "latency", svg: chart.svg)
  }

  /// Calls per second over the calls in flight.
  private static func throughput(of session: Session) -> Chart? {
    let scenarios = session.table.scenarios.filter {
      $0.mode == .pipelined && $0.transport == .tcp && $0.size == 60 && $0.connections == 1 && isPowerOfTwo($0.inFlight)
    }
    .reduce(into: [Scenario]()) { if !$0.contains($1) { $0.append($1) } }
    .sorted { $0.inFlight < $1.inFlight }
    guard scenarios.count > 1, let first = scenarios.first else { return nil }
    let series = session.subjects.map(\.name).compactMap { subject -> LineChart.Series? in
      let points = scenarios.compactMap { scenario in
        session.table.median(.rate, of: subject, in: scenario).map { (x: Double(scenario.inFlight), y: $0) }
      }
      return points.isEmpty ? nil : LineChart.Series(name: subject, color: color(of: subject), points: points)
    }
    let chart = LineChart(
      title: "Calls per second", note: "\(first.transport.rawValue) · 60 B · one connection · higher is better",
      horizontal: .values("calls in flight", scenarios.map { Double($0.inFlight) }, label: Format.plain),
      vertical: .decades("calls per second", around: series.flatMap(\.points).map(\.y), label: Format.plain),
      series: series)
    return Chart(name: "throughput", svg: chart.svg)
  }

  /// The share of the floor's bytes per second that is reached, over the payload's size.
  private static func payloadRatio(of session: Session) -> Chart? {
    let scenarios = session.table.scenarios.filter {
      $0.size > 0 && $0.connections == 1 && $0 == .payload($0.size)
    }
    .sorted { $0.size < $1.size }
    guard scenarios.count > 1 else { return nil }
    let series = session.subjects.map(\.name).compactMap { subject -> LineChart.Series? in
      let points = scenarios.compactMap { scenario in
        session.table.ratioToFloor(of: subject, in: scenario).map { (x: Double(scenario.size), y: $0) }
      }
      return points.isEmpty ? nil : LineChart.Series(name: subject, color: color(of: subject), points: points)
    }
    guard !series.isEmpty else { return nil }
    let top = max(1, series.flatMap(\.points).map(\.y).max() ?? 1)
    let ticks = stride(from: 0, through: (top * 5).rounded(.up) / 5, by: 0.2).map { $0 }
    let chart = LineChart(
      title: "Bytes per second, compared with bare libzmq",
      note: "tcp · 1 is the floor; the dashed line is what is aimed at from 64 KiB on · higher is better",
      horizontal: .values("payload", scenarios.map { Double($0.size) }) { Scenario.describe(bytes: Int($0)) },
      vertical: LineChart.Axis(title: "ratio to the floor", isLogarithmic: false, ticks: ticks) {
        Format.digits($0, decimals: 1)
      },
      series: series, bound: 0.85)
    return Chart(name: "payload-ratio", svg: chart.svg)
  }

  private static func present(in scenario: Scenario, _ session: Session) -> [(subject: String, color: String)] {
    session.subjects.map(\.name)
      .filter { !session.table.measurements(of: $0, in: scenario).isEmpty }
      .map { (subject: $0, color: color(of: $0)) }
  }

  /// The same colour in every chart, whoever else was measured.
  private static func color(of subject: String) -> String {
    let order = [
      SubjectName.floor, SubjectName.zeroRPC, SubjectName.zeroRPCOnExecutor, SubjectName.zeroRPCPython,
      SubjectName.gRPCCPlusPlus, SubjectName.capnProto, SubjectName.gRPCSwift,
    ]
    return SVGDocument.palette[(order.firstIndex(of: subject) ?? 0) % SVGDocument.palette.count]
  }

  private static func isPowerOfTwo(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 }
}
