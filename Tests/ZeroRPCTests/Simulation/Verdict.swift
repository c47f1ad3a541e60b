import ZeroRPC

/// Compares how an operation ended with what is guaranteed.
struct Verdict {
  private(set) var violations: [String] = []

  private let operation: Operation
  private let outcome: Outcome
  private let start: Double
  private let end: Double
  private let begun: Int
  private let simulation: Simulation
  private let state: SimulationLedger.State

  init(
    _ operation: Operation, _ outcome: Outcome, start: Double, end: Double, begun: Int, _ simulation: Simulation,
    _ state: SimulationLedger.State
  ) {
    (self.operation, self.outcome, self.start, self.end, self.begun) = (operation, outcome, start, end, begun)
    (self.simulation, self.state) = (simulation, state)
    judgeKind()
    judgeExecutions()
    judgeTime()
    judgeHealthyPeers()
  }

  private mutating func expect(_ condition: Bool, _ text: String) {
    if !condition { violations.append(text) }
  }

  /// The value is the right one, the items are those that were written, and errors are of a kind that is promised.
  private mutating func judgeKind() {
    switch (operation.kind, outcome) {
    case (.echo, .value(let value)): expect(value == operation.id, "a wrong value")
    case (.relay, .value(let value)): expect(value == -operation.id, "a wrong value")
    case (.oneWay, .done): break
    case (.stream(let limit, _, _, _), .items(let count, let inOrder, let ended)):
      guard simulation.weather.keepsMessages else { return }
      expect(inOrder, "items out of order")
      if ended { expect(count == limit, "a stream ended after \(count) of \(limit) items") }
    case (_, .failed(let name, _, let inOrder)):
      expect(!name.hasPrefix("untyped"), "an error of no kind that is promised")
      if simulation.weather.keepsMessages {
        expect(inOrder, "items out of order before an error")
        expect(name != "protocolViolation", "the peer broke the protocol")
      }
    default: violations.append("an outcome of another kind")
    }
  }

  /// A method runs once per attempt, and did if the caller has its answer. One-way calls of what the network doubles aside.
  private mutating func judgeExecutions() {
    if simulation.weather != .chaos { expect(begun <= 1, "ran \(begun) times") }
    switch outcome {
    case .value, .items(_, _, ended: true): expect(begun >= 1, "an answer without a run")
    case .failed(let name, _, _) where name == "Refusal": expect(begun >= 1, "an answer without a run")
    case .failed(let name, _, _):
      let hasNotRun = ["ServerOverloaded", "ServerShuttingDown", "NameError", "invalidArgument"].contains(name)
      // What a handler passes on is about another call.
      if case .relay = operation.kind { return }
      if hasNotRun, simulation.weather != .chaos { expect(begun == 0, "refused, and yet it ran") }
    default: break
    }
  }

  /// The operation ended in time.
  private mutating func judgeTime() {
    let allowance = state.jumped + 1
    if let cancelAfter = operation.cancelAfter {
      expect(end - start <= Double(cancelAfter) + allowance, "ended \(end - start) ms later, though cancelled")
    }
    guard case .stream(let limit, _, _, let think) = operation.kind else {
      return expect(end - start <= Double(operation.timeout) + allowance, "ended after its deadline")
    }
    guard let cutAt = state.cutAt, end > max(cutAt, start) else { return }
    // Three ticks of heartbeats and the way; what had come before is still taken with a pause after each.
    let window = min(limit, 2 * simulation.configuration.streamWindow + 2)
    let bound = 3 * simulation.heartbeat + simulation.latency + Double(think * window) + 1
    let after = end - max(cutAt, start)
    expect(after <= bound, "the lost peer was noticed after \(after) ms, not \(bound)")
  }

  /// Where nothing is lost, nobody is taken for lost, and what has time to be answered is.
  private mutating func judgeHealthyPeers() {
    guard simulation.weather.isPeerHeard else { return }
    if case .failed(let name, _, _) = outcome {
      expect(name != "lostPeer" && name != "LostRemote", "a healthy peer was lost")
    }
    guard simulation.weather == .calm, !simulation.isLimited, operation.cancelAfter == nil else { return }
    let way = 4 * simulation.latency + 1
    switch operation.kind {
    case .echo(let pause) where Double(pause) + way < Double(operation.timeout):
      expect(outcome == .value(operation.id), "no value")
    case .refuse(let pause) where Double(pause) + way < Double(operation.timeout):
      expect(outcome == .failed("Refusal", items: 0, inOrder: true), "no refusal")
    case .unknown where way < Double(operation.timeout):
      expect(outcome == .failed("NameError", items: 0, inOrder: true), "no NameError")
    default: break
    }
  }
}
