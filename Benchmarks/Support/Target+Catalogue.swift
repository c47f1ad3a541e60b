/// The names under which subjects report and are looked up.
package enum SubjectName {
  /// Bare libzmq in C.
  package static let floor = "floor"
  /// Typed stubs, default configuration, the caller in plain `async` code.
  package static let zeroRPC = "zerorpc"
  /// The same with the caller on the client's executor.
  package static let zeroRPCOnExecutor = "zerorpc-executor"
  package static let zeroRPCPython = "zerorpc-python"
  /// A Swift client of a Python server.
  package static let zeroRPCFromPython = "zerorpc-from-python"
  /// A Python client of a Swift server.
  package static let pythonFromZeroRPC = "python-from-zerorpc"
  package static let gRPCCPlusPlus = "grpc-cpp"
  package static let capnProto = "capnp"
  package static let gRPCSwift = "grpc-swift"
}

extension Scenario {
  static let sequentialTCP = Scenario(.sequential)
  static let tcp64 = Scenario(.pipelined, inFlight: 64)
  static let tcp1024 = Scenario(.pipelined, inFlight: 1024)
  static let stream1000 = Scenario(.stream, inFlight: 1000)
  static let push = Scenario(.push, inFlight: 1000)
  static let publish = Scenario(.publish, inFlight: 1000)
  static let halfOfPeak = Scenario(.openLoop, inFlight: 1, rateShare: 0.5)
  static let idle = Scenario(.idle, connections: 10)

  /// Calls in flight for a payload: enough to fill the pipe, not so many that memory is what is measured.
  package static func payload(_ size: Int, over transport: Transport = .tcp) -> Scenario {
    Scenario(.pipelined, over: transport, inFlight: size >= 1 << 20 ? 4 : 16, size: size)
  }

  /// Sixteen calls in flight on each connection.
  ///
  /// With one on each, libzmq itself cannot batch and gets slower by an order of magnitude: that would measure system calls.
  package static func connections(_ count: Int) -> Scenario {
    Scenario(.pipelined, inFlight: 16 * count, connections: count)
  }
}

extension Target {
  /// What the project promises, in the order in which it is told.
  package static let catalogue: [Target] = latencyTargets + throughputTargets + peerTargets + costTargets

  private static let latencyTargets: [Target] =
    [
      Target("sequential p50, caller on the client's executor, to the floor", .atMost(1.10)) {
        $0.ratio(.p50, of: SubjectName.zeroRPCOnExecutor, to: SubjectName.floor, in: .sequentialTCP)
      }.becauseOfProcessorTime(of: SubjectName.zeroRPCOnExecutor, in: .sequentialTCP),
      Target("sequential p50, plain async caller, to the floor", .atMost(1.35)) {
        $0.ratio(.p50, of: SubjectName.zeroRPC, to: SubjectName.floor, in: .sequentialTCP)
      }.becauseOfProcessorTime(in: .sequentialTCP),
    ]
    + callers.map { who, subject in
      Target("p99.9 at half of peak, \(who), to the floor's p50 at the same rate", .atMost(4)) {
        $0.ratio(.p999, of: subject, to: SubjectName.floor, baseFigure: .p50, in: .halfOfPeak)
      }.becauseOfTheMachinesTail(in: .halfOfPeak)
    }

  /// Who calls, and the subject that does so.
  private static let callers = [
    ("callers on the client's executor", SubjectName.zeroRPCOnExecutor), ("plain async callers", SubjectName.zeroRPC),
  ]

  private static let throughputTargets: [Target] =
    callers.flatMap { who, subject in
      [
        Target("64 in flight, \(who), to the floor", .atLeast(0.55)) {
          $0.ratio(.rate, of: subject, to: SubjectName.floor, in: .tcp64)
        }.becauseOfProcessorTime(of: subject, in: .tcp64),
        Target("1024 in flight, \(who), to the floor", .atLeast(0.30)) {
          $0.ratio(.rate, of: subject, to: SubjectName.floor, in: .tcp1024)
        }.becauseOfProcessorTime(of: subject, in: .tcp1024),
      ]
    }
    + [
      Target("stream, best window", .atLeast(400_000), unit: "items/s") { bestStream(in: $0, of: SubjectName.zeroRPC) }
        .becauseOfProcessorTime(in: .stream1000),
      Target("stream, best window, to a bare DEALER to ROUTER stream", .atLeast(0.3)) { table in
        guard let floor = bestStream(in: table, of: SubjectName.floor) else { return nil }
        return bestStream(in: table, of: SubjectName.zeroRPC).map { $0 / floor }
      }.becauseOfProcessorTime(in: .stream1000),
      Target("pushed and pulled", .atLeast(500_000), unit: "messages/s") {
        $0.median(.rate, of: SubjectName.zeroRPC, in: .push)
      },
      Target("pushed and pulled, to bare PUSH to PULL", .atLeast(0.2)) {
        $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.floor, in: .push)
      },
      Target("published and received, to bare PUB to SUB", .atLeast(0.2)) {
        $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.floor, in: .publish)
      },
      // "As fast as the peer allows": a tenth is the machine's noise.
      Target("stream from a Python server, to Python's own client", .atLeast(0.9)) {
        $0.ratio(.rate, of: SubjectName.zeroRPCFromPython, to: SubjectName.zeroRPCPython, in: .stream1000)
      },
      Target("stream to a Python client, to Python's own server", .atLeast(0.9)) {
        $0.ratio(.rate, of: SubjectName.pythonFromZeroRPC, to: SubjectName.zeroRPCPython, in: .stream1000)
      },
    ]
    + callers.map { who, subject in
      Target("1000 connections, \(who), to 10 connections", .atLeast(0.8)) {
        $0.ratio(.rate, of: subject, in: .connections(1000), toThatIn: .connections(10))
      }.becauseOfProcessorTime(of: subject, in: .connections(1000))
    }
    + [1 << 16, 1 << 20, 1 << 24].map { size in
      Target("\(Scenario.describe(bytes: size)) payloads, bytes/s to the floor", .atLeast(0.85)) {
        $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.floor, in: .payload(size))
      }.becauseOfProcessorTime(in: .payload(size))
    }

  private static let peerTargets: [Target] = [
    Target("64 in flight, to gRPC C++", .atLeast(5)) {
      $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.gRPCCPlusPlus, in: .tcp64)
    }.becauseOfTheFloor(beside: SubjectName.gRPCCPlusPlus, in: .tcp64),
    Target("64 in flight, to Cap'n Proto", .atLeast(5)) {
      $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.capnProto, in: .tcp64)
    }.becauseOfTheFloor(beside: SubjectName.capnProto, in: .tcp64),
    Target("64 in flight, to grpc-swift-2", .atLeast(20)) {
      $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.gRPCSwift, in: .tcp64)
    },
    Target("64 in flight, to zerorpc-python", .atLeast(40)) {
      $0.ratio(.rate, of: SubjectName.zeroRPC, to: SubjectName.zeroRPCPython, in: .tcp64)
    },
    Target("sequential p50, to gRPC C++", .atMost(1.1)) {
      $0.ratio(.p50, of: SubjectName.zeroRPC, to: SubjectName.gRPCCPlusPlus, in: .sequentialTCP)
    },
  ]

  private static let costTargets: [Target] = [
    Target("heap allocations per call, client", .atMost(8), unit: "") { $0.allocations[SubjectName.zeroRPC]?.client },
    Target("heap allocations per call, server", .atMost(8), unit: "") { $0.allocations[SubjectName.zeroRPC]?.server },
    Target("CPU of idle processes, client and server together", .atMost(0.2), unit: "% of a core") { table in
      let shares = table.measurements(of: SubjectName.zeroRPC, in: .idle).compactMap { run -> Double? in
        guard let server = run.server, run.load.elapsedNanoseconds > 0, server.elapsedNanoseconds > 0 else {
          return nil
        }
        let client = Double(run.load.userNanoseconds + run.load.systemNanoseconds)
        return 100 * client / Double(run.load.elapsedNanoseconds)
          + 100 * Double(server.cpuNanoseconds) / Double(server.elapsedNanoseconds)
      }
      return Statistics.median(shares)
    },
  ]

  private static func bestStream(in table: ResultTable, of subject: String) -> Double? {
    table.scenarios.filter { $0.mode == .stream && $0.transport == .tcp && $0.size == 60 }
      .compactMap { table.median(.rate, of: subject, in: $0) }
      .max()
  }
}
