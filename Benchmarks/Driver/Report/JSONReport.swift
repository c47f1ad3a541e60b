internal import BenchmarkSupport
internal import Foundation

/// Everything that a session has measured, for programs: every run with its histogram, and the verdicts.
struct JSONReport: Encodable {
  struct Run: Encodable {
    var scenario: String
    var subject: String
    var round: Int
    var rateShare: Double?
    var offeredRate: Double?
    var measurement: MeasuredRun
  }

  struct Judgement: Encodable {
    var target: String
    var bound: String
    var figure: Double?
    var verdict: Verdict.Outcome
    var reason: String?
  }

  var date: String
  var machine: String
  var runs: [Run] = []
  var allocations: [String: AllocationFigures]
  var targets: [Judgement]
  var absent: [String]
  var failures: [String]

  init(session: Session, absent: [Subject]) {
    let info = ProcessInfo.processInfo
    date = Date().formatted(.iso8601)
    machine = "\(info.operatingSystemVersionString), \(info.activeProcessorCount) cores"
    for scenario in session.table.scenarios {
      for subject in session.table.subjects(in: scenario) {
        for (round, measurement) in session.table.measurements(of: subject, in: scenario).enumerated() {
          runs.append(
            Run(
              scenario: scenario.title, subject: subject, round: round + 1, rateShare: scenario.rateShare,
              offeredRate: session.rates[scenario], measurement: measurement))
        }
      }
    }
    allocations = session.table.allocations
    targets = Target.catalogue.map { target in
      let verdict = target.verdict(on: session.table)
      let bound =
        switch target.bound {
        case .atMost(let limit): "at most \(Format.digits(limit)) \(target.unit)"
        case .atLeast(let limit): "at least \(Format.digits(limit)) \(target.unit)"
        }
      return Judgement(
        target: target.title, bound: bound, figure: verdict.figure, verdict: verdict.outcome, reason: verdict.reason)
    }
    self.absent = absent.map(\.name)
    failures = session.failures
  }

  /// Writes it to a file.
  func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(self).write(to: url)
  }
}
