internal import BenchmarkSupport
internal import Foundation

/// Measures a plan: in each round every subject once (A B A B …), so that a drift of the machine meets all alike.
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
      progress("[\(index + 1)/\(plan.steps.count)] \(step.scenario.title)")
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
    var rate: Double?
    if let share = step.scenario.rateShare {
      guard let peak = peak(like: step.scenario) else {
        return record(failure: "\(step.scenario.title): skipped, because no pipelined scenario has found the peak")
      }
      rate = (peak * share).rounded()
      rates[step.scenario] = rate
    }
    var taking = subjects.filter { $0.supports(step.scenario) && (step.withPeers || !$0.isPeer) }
    for _ in 0..<step.rounds {
      for subject in taking {
        do {
          let measurement = try runner.run(step.scenario, on: subject, extent: step.extent, rate: rate)
          table.add(measurement, of: subject.name, in: step.scenario)
        } catch let error as BenchError where error.kind != .interrupted {
          if error.kind == .failedRun { failures.append("\(step.scenario.title): \(error)") }
          // Its rounds so far are paired with the others' by position, so they may stay.
          taking.removeAll { $0.name == subject.name }
        }
      }
      if step.scenario.mode == .openLoop { try measureStalls(in: step.scenario) }
    }
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
