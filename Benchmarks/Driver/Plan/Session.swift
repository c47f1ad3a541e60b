internal import BenchmarkSupport
internal import Foundation

/// Measures a plan: in each round every subject once, each second round backwards (A B B A …), so that a drift of the
/// machine meets all alike.
struct Session {
  let plan: Plan
  let subjects: [Subject]
  let runner: SubjectRunner
  /// Told of each step, for the person who waits.
  let progress: (String) -> Void

  private(set) var table = ResultTable()
  /// What went wrong, one text a run; the subject's other scenarios go on.
  private(set) var failures: [String] = []
  /// Rates of the open loops, in messages per second.
  private(set) var rates: [Scenario: Double] = [:]

  init(plan: Plan, subjects: [Subject], runner: SubjectRunner, progress: @escaping (String) -> Void) {
    self.plan = plan
    self.subjects = subjects
    self.runner = runner
    self.progress = progress
  }

  /// Runs the whole plan. Throws only when interrupted.
  mutating func run() throws {
    for (index, step) in plan.steps.enumerated() {
      progress("[\(index + 1)/\(plan.steps.count)] \(step.scenarios.map(\.title).joined(separator: "; "))")
      try run(step)
    }
  }

  /// Adds figures that are measured in another way.
  mutating func record(_ allocations: AllocationFigures, of subject: String) {
    table.allocations[subject] = allocations
  }

  /// Adds a failure that did not come from a step.
  mutating func record(failure: String) { failures.append(failure) }

  private mutating func run(_ step: Plan.Step) throws {
    let scenarios = step.scenarios.filter { findRate(of: $0) }
    var taking = subjects.filter { subject in
      scenarios.contains { subject.supports($0) } && (step.withPeers || !subject.isPeer)
    }
    for round in 0..<step.rounds {
      for subject in round.isMultiple(of: 2) ? taking : taking.reversed() {
        for scenario in scenarios where subject.supports(scenario) {
          do {
            let measurement = try runner.run(scenario, on: subject, extent: step.extent, rate: rates[scenario])
            table.add(measurement, of: subject.name, in: scenario)
          } catch let error as BenchError where error.kind != .interrupted {
            if error.kind == .failedRun { failures.append("\(scenario.title): \(error)") }
            // Its rounds so far are paired with the others' by position, so they may stay.
            taking.removeAll { $0.name == subject.name }
            break
          }
        }
      }
      for scenario in scenarios where scenario.mode == .openLoop { try measureStalls(in: scenario) }
    }
  }

  /// Finds the rate of an open loop; false if there is no peak yet to take a share of.
  private mutating func findRate(of scenario: Scenario) -> Bool {
    guard let share = scenario.rateShare else { return true }
    guard let peak = peak(like: scenario) else {
      failures.append("\(scenario.title): skipped, because no pipelined scenario has found the peak")
      return false
    }
    rates[scenario] = (peak * share).rounded()
    return true
  }

  /// What the machine alone adds to the tail that has just been measured. The floor's program does it.
  private mutating func measureStalls(in scenario: Scenario) throws {
    guard let floor = subjects.first(where: { $0.name == SubjectName.floor }) else { return }
    do {
      table.stalls[scenario, default: []].append(try runner.stalls(by: floor, seconds: 1))
    } catch let error as BenchError where error.kind != .interrupted {
      failures.append("\(scenario.title): \(error)")
    }
  }

  /// The peak that open loops are a share of: ours if it is here, or else the floor's.
  private func peak(like scenario: Scenario) -> Double? {
    table.peakRate(of: SubjectName.zeroRPC, like: scenario) ?? table.peakRate(of: SubjectName.floor, like: scenario)
  }
}
