/// A promise about speed: a figure that a session yields, and the bound that it must keep.
package struct Target: Sendable {
  /// The side on which the figure must lie.
  package enum Bound: Sendable, Equatable {
    case atMost(Double)
    case atLeast(Double)

    func isMet(by figure: Double) -> Bool {
      switch self {
      case .atMost(let limit): figure <= limit
      case .atLeast(let limit): figure >= limit
      }
    }
  }

  /// What the figure is, in one line.
  package var title: String
  package var bound: Bound
  /// What stands after the figure: `×`, `items/s`, or nothing.
  package var unit: String
  var figure: @Sendable (ResultTable) -> Double?
  private var reason: @Sendable (ResultTable) -> String? = { _ in nil }

  init(_ title: String, _ bound: Bound, unit: String = "×", figure: @escaping @Sendable (ResultTable) -> Double?) {
    self.title = title
    self.bound = bound
    self.unit = unit
    self.figure = figure
  }

  /// Judges a session.
  package func verdict(on table: ResultTable) -> Verdict {
    guard let figure = figure(table) else { return Verdict(target: self, outcome: .notMeasured, figure: nil) }
    if bound.isMet(by: figure) { return Verdict(target: self, outcome: .met, figure: figure) }
    return Verdict(target: self, outcome: .missed, figure: figure, reason: reason(table))
  }

  /// The same promise, with what to say when it is not kept: why, from the figures of the session.
  func because(_ reason: @escaping @Sendable (ResultTable) -> String?) -> Target {
    var target = self
    target.reason = reason
    return target
  }
}

/// What became of a target in a session.
package struct Verdict: Sendable {
  package enum Outcome: String, Codable, Sendable {
    case met
    case missed
    /// A subject or scenario that it needs was not run.
    case notMeasured = "not measured"
  }

  package var target: Target
  package var outcome: Outcome
  /// The figure reached, nil if it was not measured.
  package var figure: Double?
  /// Why the target was missed, if that can be told.
  package var reason: String?
}
