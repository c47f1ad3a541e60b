internal import BenchmarkSupport

/// What a session measures, in order.
struct Plan {
  /// Some rounds of runs.
  struct Step {
    /// What each subject does in a round, one after the other: scenarios that are compared with each other belong together.
    var scenarios: [Scenario]
    /// Whether the peers take part, or the project's own subjects alone.
    var withPeers: Bool
    var rounds: Int
    var extent: SubjectRunner.Extent
  }

  var steps: [Step]
  /// Whether allocations are counted, in runs of their own (counting costs time).
  var countsAllocations: Bool
}

extension Plan {
  /// The plan of the project's targets: about nine minutes with all peers, or three quarters of one when quick.
  static func standard(quick: Bool) -> Plan {
    let length = quick ? 0.25 : 0.7
    let rounds = quick ? 3 : 5
    var steps: [Step] = []
    func add(_ scenarios: Scenario..., withPeers: Bool = false, rounds: Int = rounds, seconds: Double = length) {
      steps.append(Step(scenarios: scenarios, withPeers: withPeers, rounds: rounds, extent: .seconds(seconds)))
    }
    // Where a target judges there are five rounds, and fewer elsewhere.
    let fewer = quick ? 1 : 3
    add(Scenario(.sequential), withPeers: true)
    add(Scenario(.sequential, over: .ipc), rounds: fewer)
    add(Scenario(.sequential, over: .inproc), rounds: fewer)
    for inFlight in quick ? [64, 1024] : [1, 8, 64, 256, 1024] {
      add(
        Scenario(.pipelined, inFlight: inFlight), withPeers: !quick || inFlight == 64,
        rounds: inFlight == 64 || inFlight == 1024 ? rounds : fewer)
    }
    for transport in quick ? [] : [Transport.ipc, .inproc] {
      for inFlight in [64, 1024] { add(Scenario(.pipelined, over: transport, inFlight: inFlight), rounds: fewer) }
    }
    for size in quick ? [] : [0, 60, 1 << 10] { add(.payload(size), rounds: fewer) }
    for size in quick ? [1 << 16, 1 << 20] : [1 << 16, 1 << 20, 1 << 24] { add(.payload(size)) }
    for window in quick ? [1000] : [100, 1000, 10_000] {
      add(Scenario(.stream, inFlight: window), withPeers: window == 1000)
    }
    for mode in [LoadMode.push, .publish] { add(Scenario(mode, inFlight: 1000)) }
    // Longer, because a thousand connections and their calls take a while to come to their pace.
    if !quick { add(.connections(1), .connections(100), rounds: fewer, seconds: 2 * length) }
    add(.connections(10), .connections(1000), rounds: quick ? 1 : rounds, seconds: 2 * length)
    for share in quick ? [0.5] : [0.25, 0.5, 0.75] {
      add(
        Scenario(.openLoop, rateShare: share), rounds: share == 0.5 ? rounds : fewer,
        seconds: quick ? 0.4 : 2 * length)
    }
    add(Scenario(.idle, connections: 10), rounds: 1, seconds: quick ? 1.5 : 5)
    return Plan(steps: steps, countsAllocations: true)
  }
}
