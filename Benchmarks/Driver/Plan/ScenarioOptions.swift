internal import ArgumentParser
internal import BenchmarkSupport

/// The options that choose scenarios by hand.
struct ScenarioOptions: ParsableArguments {
  @Option(help: "How calls are made: \(LoadMode.allCases.map(\.rawValue).joined(separator: ", ")).")
  var mode: LoadMode?

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Message sizes in bytes (default 60).", valueName: "bytes"))
  var messageSize: [Int] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Calls in flight, or a stream's window.", valueName: "n"))
  var inFlight: [Int] = []

  @Option(parsing: .upToNextOption, help: ArgumentHelp("Client connections (default 1).", valueName: "n"))
  var connections: [Int] = []

  @Option(
    parsing: .upToNextOption,
    help: "What carries the messages: \(Transport.allCases.map(\.rawValue).joined(separator: ", ")) (default tcp).")
  var transport: [Transport] = []

  func validate() throws {
    func check(_ option: String, _ values: [Int], _ range: ClosedRange<Int>) throws {
      for value in values where !range.contains(value) {
        throw ValidationError("--\(option) is \(value), but must be from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check("message-size", messageSize, 0...(1 << 30))
    try check("in-flight", inFlight, 1...(1 << 20))
    try check("connections", connections, 1...10_000)
    if mode == .sequential, let wrong = inFlight.first(where: { $0 != 1 }) {
      throw ValidationError("--in-flight is \(wrong), but --mode sequential keeps 1")
    }
    if mode == .openLoop {
      throw ValidationError("--mode open-loop runs at shares of the measured peak: leave out all scenario options")
    }
    if [.sequential, .stream, .push, .publish].contains(mode), let wrong = connections.first(where: { $0 != 1 }) {
      throw ValidationError("--connections is \(wrong), but --mode \(mode?.rawValue ?? "") uses 1")
    }
    let smallest = inFlight.min() ?? 1
    if mode != .idle, let most = connections.max(), most > smallest {
      throw ValidationError(
        "--connections is \(most), but --in-flight is \(smallest): each connection keeps at least one call in flight")
    }
  }

  /// Each combination of the given values, or nil if none was given.
  func plan(quick: Bool) -> Plan? {
    guard mode != nil || !(messageSize.isEmpty && inFlight.isEmpty && connections.isEmpty && transport.isEmpty) else {
      return nil
    }
    let extent = SubjectRunner.Extent.seconds(quick ? 0.25 : 1)
    var steps: [Plan.Step] = []
    for transport in transport.isEmpty ? [.tcp] : transport {
      for size in messageSize.isEmpty ? [60] : messageSize {
        for inFlight in inFlight.isEmpty ? [[.stream, .push, .publish].contains(mode) ? 1000 : 1] : inFlight {
          for connections in connections.isEmpty ? [1] : connections {
            let mode = mode ?? (inFlight == 1 ? .sequential : .pipelined)
            let scenario = Scenario(mode, over: transport, inFlight: inFlight, connections: connections, size: size)
            steps.append(Plan.Step(scenarios: [scenario], withPeers: true, rounds: quick ? 3 : 5, extent: extent))
          }
        }
      }
    }
    return Plan(steps: steps, countsAllocations: false)
  }
}

extension LoadMode: ExpressibleByArgument {}
extension Transport: ExpressibleByArgument {}
