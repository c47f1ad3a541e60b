import Synchronization

/// Writes down what became of every attempt of a simulation.
final class SimulationLedger: Sendable {
  struct State: Sendable {
    var begun: [Int: Int] = [:]
    /// Handlers that run, by attempt.
    var running: [Int: Int] = [:]
    var outcomes: [Int: [Outcome]] = [:]
    /// When an operation began and ended, in milliseconds.
    var times: [Int: (start: Double, end: Double)] = [:]
    var violations: [String] = []
    /// When the network was cut for good, and how far the clock was set on by jumps.
    var cutAt: Double?
    var jumped = 0.0
  }

  private let state = Mutex(State())

  var snapshot: State { state.withLock { $0 } }

  func handler(_ id: Int, _ begins: Bool) {
    state.withLock { state in
      state.running[id, default: 0] += begins ? 1 : -1
      guard begins else { return }
      state.begun[id, default: 0] += 1
      if state.running[id] ?? 0 > 1 { state.violations.append("attempt \(id) ran twice at the same time") }
    }
  }

  func finish(_ operation: Operation, _ outcome: Outcome, start: Double, end: Double) {
    state.withLock { state in
      state.outcomes[operation.id, default: []].append(outcome)
      state.times[operation.id] = (start, end)
    }
  }

  func violate(_ text: String) { state.withLock { $0.violations.append(text) } }

  func cut(at time: Double) { state.withLock { $0.cutAt = time } }

  func jumped(_ milliseconds: Double) { state.withLock { $0.jumped += milliseconds } }
}
