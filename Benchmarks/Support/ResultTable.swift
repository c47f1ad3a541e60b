/// All that one session has measured: for each scenario and subject its runs, in the order of the rounds.
package struct ResultTable: Sendable {
  /// What a ratio is a ratio of.
  package enum Figure: Sendable {
    case p50
    case p99
    case p999
    /// Messages per second, which at one size is also bytes per second.
    case rate

    func value(of load: LoadResult) -> Double {
      switch self {
      case .p50: Double(load.latency.percentile(0.5))
      case .p99: Double(load.latency.percentile(0.99))
      case .p999: Double(load.latency.percentile(0.999))
      case .rate: load.rate
      }
    }
  }

  private var runs: [Scenario: [String: [MeasuredRun]]] = [:]
  /// What the machine itself did in each round of a scenario, where that was measured.
  package var stalls: [Scenario: [Stalls]] = [:]
  /// Heap allocations per call by subject.
  package var allocations: [String: AllocationFigures] = [:]
  /// The scenarios, in the order in which they were first measured.
  package private(set) var scenarios: [Scenario] = []

  package init() {}

  /// Adds a run. Runs of one scenario are paired over subjects by their position, so add all subjects of a round.
  package mutating func add(_ measurement: MeasuredRun, of subject: String, in scenario: Scenario) {
    if runs[scenario] == nil { scenarios.append(scenario) }
    runs[scenario, default: [:]][subject, default: []].append(measurement)
  }

  /// The runs of a subject, in the order of the rounds; none if it was not measured.
  package func measurements(of subject: String, in scenario: Scenario) -> [MeasuredRun] {
    runs[scenario]?[subject] ?? []
  }

  /// The subjects that were measured in a scenario.
  package func subjects(in scenario: Scenario) -> [String] { runs[scenario].map { $0.keys.sorted() } ?? [] }

  /// The median over the rounds, or nil if the subject was not measured.
  package func median(_ figure: Figure, of subject: String, in scenario: Scenario) -> Double? {
    Statistics.median(measurements(of: subject, in: scenario).map { figure.value(of: $0.load) })
  }

  /// The median of the rounds' ratios of one subject to another: pairs made close in time cancel the machine's drift.
  package func ratio(
    _ figure: Figure, of subject: String, to base: String, baseFigure: Figure? = nil, in scenario: Scenario
  ) -> Double? {
    Self.ratio(
      figure, of: measurements(of: subject, in: scenario), baseFigure ?? figure,
      to: measurements(of: base, in: scenario))
  }

  /// The median of the rounds' ratios of one scenario to another that was measured in the same rounds.
  package func ratio(
    _ figure: Figure, of subject: String, in scenario: Scenario, toThatIn base: Scenario
  ) -> Double? {
    Self.ratio(figure, of: measurements(of: subject, in: scenario), figure, to: measurements(of: subject, in: base))
  }

  private static func ratio(
    _ figure: Figure, of runs: [MeasuredRun], _ baseFigure: Figure, to bases: [MeasuredRun]
  ) -> Double? {
    Statistics.median(
      zip(runs, bases).compactMap { mine, its in
        let divisor = baseFigure.value(of: its.load)
        return divisor > 0 ? figure.value(of: mine.load) / divisor : nil
      })
  }

  /// The highest median rate of a subject in pipelined scenarios like this one.
  package func peakRate(of subject: String, like scenario: Scenario) -> Double? {
    scenarios
      .filter { $0.mode == .pipelined && $0.transport == scenario.transport && $0.size == scenario.size }
      .compactMap { median(.rate, of: subject, in: $0) }
      .max()
  }
}

/// Small statistics on a handful of runs.
package enum Statistics {
  /// Returns the middle value, the mean of the two middle ones for an even number, or nil for none.
  package static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

extension ResultTable {
  /// The ratio that matters in a scenario: of the p50 where latency is measured, and of messages per second elsewhere.
  package func ratioToFloor(of subject: String, in scenario: Scenario) -> Double? {
    guard scenario.mode != .idle, subject != SubjectName.floor else { return nil }
    return ratio(scenario.isAboutLatency ? .p50 : .rate, of: subject, to: SubjectName.floor, in: scenario)
  }
}
