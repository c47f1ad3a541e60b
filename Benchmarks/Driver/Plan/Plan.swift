internal import BenchmarkSupport

/// What a session measures, in order.
struct Plan {
  /// Some runs of one scenario.
  struct Step {
    var scenario: Scenario
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
  /// The plan of the project's targets: about eight minutes with all peers, or three quarters of one when quick.
  static func standard(quick: Bool) -> Plan {
    let length = quick ? 0.25 : 1.0
    let rounds = quick ? 3 : 5
    var steps: [Step] = []
    func add(_ scenario: Scenario, withPeers: Bool = false, rounds: Int, seconds: Double = length) {
      steps.append(Step(scenario: scenario, withPeers: withPeers, rounds: rounds, extent: .seconds(seconds)))
    }
    let fewer = quick ? 1 : 3
    add(Scenario(.sequential), withPeers: true, rounds: rounds)
    add(Scenario(.sequential, over: .ipc), rounds: fewer)
    add(Scenario(.sequential, over: .inproc), rounds: fewer)
    for inFlight in quick ? [64, 1024] : [1, 8, 64, 256, 1024] {
      add(
        Scenario(.pipelined, inFlight: inFlight), withPeers: !quick || inFlight == 64,
        rounds: inFlight == 64 ? rounds : 3)
    }
    for transport in quick ? [] : [Transport.ipc, .inproc] {
      for inFlight in [64, 1024] { add(Scenario(.pipelined, over: transport, inFlight: inFlight), rounds: 3) }
    }
    for size in quick ? [1 << 16, 1 << 20] : [0, 60, 1 << 10, 1 << 16, 1 << 20, 1 << 24] {
      add(.payload(size), rounds: 3)
    }
    for window in quick ? [1000] : [100, 1000, 10_000] {
      add(Scenario(.stream, inFlight: window), withPeers: window == 1000, rounds: 3)
    }
    for mode in [LoadMode.push, .publish] { add(Scenario(mode, inFlight: 1000), rounds: 3) }
    for connections in quick ? [10, 1000] : [1, 10, 100, 1000] {
      // Longer, because a thousand connections and their calls take a while to come to their pace.
      add(.connections(connections), rounds: fewer, seconds: 2 * length)
    }
    for share in quick ? [0.5] : [0.25, 0.5, 0.75] {
      add(Scenario(.openLoop, rateShare: share), rounds: 3, seconds: quick ? 0.4 : 2)
    }
    add(Scenario(.idle, connections: 10), rounds: 1, seconds: quick ? 1.5 : 5)
    return Plan(steps: steps, countsAllocations: true)
  }
}
