import Synchronization
import TestSupport
import ZeroRPC
import ZeroRPCTesting

/// Runs one schedule: clients, servers, operations and faults, all of which the seed decides.
struct Simulation: Sendable {
  /// What a schedule came to.
  struct Report: Sendable {
    var violations: [String]
    var outcomes: [Int: [Outcome]]
    var fingerprint: UInt64
    var messages: Int
    /// How long it took, in milliseconds of the network's clock.
    var length: Double
  }

  static let endpoints = ["memory://front", "memory://back"]

  let seed: UInt64
  let weather: Weather
  let faults: RPCFaults
  let operations: [Operation]
  let disturbances: [Disturbance]
  let clientCount: Int
  let configuration: RPCClientConfiguration
  let serverConfiguration: RPCServerConfiguration
  let isLimited: Bool
  private let ledger = SimulationLedger()
  private let watch = CreditWatch()

  init(_ seed: UInt64, _ weather: Weather) {
    self.seed = seed
    self.weather = weather
    var random = SplitMix64(state: seed &* 0x9E6C_63D0_876A_68DE)
    faults = weather.faults(&random)
    let clientCount = Int.random(in: 1...3, using: &random)
    self.clientCount = clientCount
    let count = Int.random(in: 1...12, using: &random)
    operations = (1...count).map { Operation.plan($0, clients: clientCount, &random) }
    disturbances = Disturbance.plan(weather, &random)
    var configuration = RPCClientConfiguration()
    configuration.heartbeat = .seconds([1, 5].randomElement(using: &random) ?? 5)
    configuration.streamWindow = [2, 3, 10, 100].randomElement(using: &random) ?? 100
    configuration.transport.sendHighWaterMark = [1, 5, 1_000].randomElement(using: &random) ?? 1
    configuration.transport.receiveHighWaterMark = [1, 5, 1_000].randomElement(using: &random) ?? 1
    self.configuration = configuration
    var serverConfiguration = RPCServerConfiguration()
    serverConfiguration.heartbeat = configuration.heartbeat
    serverConfiguration.transport = configuration.transport
    serverConfiguration.shutdownGrace = .seconds(Int.random(in: 0...20, using: &random))
    isLimited = Int.random(in: 0..<4, using: &random) == 0
    if isLimited {
      serverConfiguration.limits.handlers = Int.random(in: 1...3, using: &random)
      serverConfiguration.limits.queuedCalls = Int.random(in: 0...4, using: &random)
    }
    self.serverConfiguration = serverConfiguration
  }

  var heartbeat: Double { (configuration.heartbeat ?? .zero).milliseconds }
  var latency: Double { faults.latency.upperBound.milliseconds }

  // MARK: Running

  /// Runs the schedule.
  ///
  /// - Parameter isTraced: whether every message is printed.
  func run(isTraced: Bool = false) async throws -> Report {
    try await withRPCTestNetwork(seed: seed, faults: faults) { network in
      network.observe { [watch, clock = network.clock] direction, parts, arrives in
        watch.see(direction, parts, arrives)
        if isTraced { trace(direction, parts, arrives, clock.now) }
      }
      let world = try await World(network, self, ledger)
      let clients = try (0..<clientCount).map { number in
        // Where a grant can be lost, nothing but a time-out ends a stream; elsewhere, the third one has some too.
        let isLimited = number == 2 || !weather.keepsMessages
        return try network.client(
          of: Simulation.endpoints[0], configuration: isLimited ? world.otherConfiguration : configuration)
      }
      let isStuck = await race(network, clients, world)
      await network.clock.advance(by: .zero)
      // Nobody waits at the clients' ends; the servers may still have to find out.
      for client in clients where !client.openResources.isZero {
        ledger.violate("afterwards a client still holds \(client.openResources)")
      }
      network.faults = RPCFaults(latency: faults.latency)
      network.restore()
      network.release()
      // Long enough for servers to find out which clients are lost, and for new connections.
      await network.clock.advance(by: .seconds(60))
      try await world.restart()
      for (number, client) in clients.enumerated() {
        await expectRecovery(client, number)
      }
      await network.clock.advance(by: .seconds(5))
      expectNothingOpen(clients + [world.back], world)
      if isStuck { ledger.violate("an operation had not ended after ten minutes") }
      let length = network.clock.now.elapsed.milliseconds
      let snapshot = ledger.snapshot
      return Report(
        violations: judge(snapshot), outcomes: snapshot.outcomes, fingerprint: network.fingerprint,
        messages: network.counts(.toServer).delivered + network.counts(.toClient).delivered, length: length)
    }
  }

  /// Runs the operations and the faults; true when some operation did not come to an end.
  private func race(_ network: RPCTestNetwork, _ clients: [RPCClient], _ world: World) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await withTaskGroup(of: Void.self) { group in
          for operation in operations {
            group.addTask { await perform(operation, clients[operation.client], network.clock) }
          }
          if weather == .jumps {
            group.addTask { for disturbance in disturbances { await world.disturb(disturbance) } }
          } else {
            for disturbance in disturbances { group.addTask { await world.disturb(disturbance) } }
          }
        }
        return false
      }
      group.addTask {
        // Ten minutes in small steps: a jump is no time in which anything could run.
        for _ in 0..<120 where (try? await network.clock.sleep(for: .seconds(5))) == nil { return false }
        return true
      }
      let isStuck = await group.next() ?? false
      group.cancelAll()
      return isStuck
    }
  }

  private func perform(_ operation: Operation, _ client: RPCClient, _ clock: RPCTestClock) async {
    try? await clock.sleep(for: .milliseconds(operation.start))
    let start = clock.now.elapsed.milliseconds
    let outcome = await withTaskGroup(of: Outcome?.self) { group in
      group.addTask { await operation.perform(by: client, clock) }
      if let cancelAfter = operation.cancelAfter {
        group.addTask {
          try? await clock.sleep(for: .milliseconds(cancelAfter))
          return nil
        }
      }
      guard let first = await group.next() else { return Outcome.done }
      group.cancelAll()
      if let first { return first }
      for await outcome in group { if let outcome { return outcome } }
      return Outcome.done
    }
    ledger.finish(operation, outcome, start: start, end: clock.now.elapsed.milliseconds)
  }

  private func expectRecovery(_ client: RPCClient, _ number: Int) async {
    do {
      let answer = try await SimulatedClient(client).with { $0.timeout = .seconds(30) }.echo(1_000 + number, 0)
      if answer != 1_000 + number { ledger.violate("afterwards client \(number) got \(answer)") }
    } catch {
      ledger.violate("afterwards client \(number) got \(error)")
    }
  }

  private func expectNothingOpen(_ clients: [RPCClient], _ world: World) {
    for client in clients where !client.openResources.isZero {
      ledger.violate("a client still holds \(client.openResources)")
    }
    for server in world.allServers where !server.openResources.isZero {
      ledger.violate("a server still holds \(server.openResources)")
    }
    for (id, count) in ledger.snapshot.running where count != 0 { ledger.violate("the handler of \(id) still runs") }
  }

  // MARK: Judging

  private func judge(_ state: SimulationLedger.State) -> [String] {
    var violations = state.violations
    if weather != .chaos { violations += watch.violations }
    for operation in operations {
      let outcomes = state.outcomes[operation.id] ?? []
      guard outcomes.count == 1, let times = state.times[operation.id] else {
        violations.append("operation \(operation.id) ended \(outcomes.count) times")
        continue
      }
      let verdict = Verdict(
        operation, outcomes[0], start: times.start, end: times.end, begun: state.begun[operation.id] ?? 0, self, state)
      violations += verdict.violations.map { "operation \(operation.id) (\(operation.kind), \(outcomes[0])): \($0)" }
    }
    return violations
  }
}

/// Prints a message: when and where it arrived, its name, and the end of its channel's id, which is the same in no two runs.
private func trace(
  _ direction: RPCTestNetwork.Direction, _ parts: [[UInt8]], _ arrives: Bool, _ now: RPCTestClock.Instant
) {
  guard let payload = parts.last else { return }
  payload.withUnsafeBytes { bytes in
    guard let layout = try? EventReader.read(bytes) else { return }
    let channel = layout.responseTo ?? layout.messageID
    let id = String(decoding: payload[channel].dropFirst(2).prefix(16), as: UTF8.self)
    let name = String(decoding: payload[layout.name], as: UTF8.self)
    print("\(now) \(direction)\(arrives ? "" : " lost") \(id) \(name)\(layout.isCancellation ? " cancels" : "")")
  }
}

extension Duration {
  /// The duration in milliseconds.
  var milliseconds: Double { self / .milliseconds(1) }
}

extension Operation {
  /// Does it.
  fileprivate func perform(by client: RPCClient, _ clock: RPCTestClock) async -> Outcome {
    let service = SimulatedClient(client).with { $0.timeout = .milliseconds(timeout) }
    var (count, inOrder) = (0, true)
    do {
      switch kind {
      case .echo(let pause): return .value(try await service.echo(id, pause))
      case .relay(let pause): return .value(try await service.relay(id, pause))
      case .refuse(let pause):
        try await service.refuse(id, pause)
        return .done
      case .oneWay(let pause):
        try await service.oneWay.refuse(id, pause)
        return .done
      case .unknown:
        let nothing: Int = try await client.remote.with { $0.timeout = .milliseconds(timeout) }["no_such_method"](id)
        return .value(nothing)
      case .stream(let limit, let pause, let taken, let think):
        let stream = try await service.count(id, to: limit, pause: pause)
        if taken == 0 { return .items(0, inOrder: true, ended: false) }
        for try await item in stream {
          if item != count { inOrder = false }
          count += 1
          if count == taken { return .items(count, inOrder: inOrder, ended: false) }
          if think > 0 { try await clock.sleep(for: .milliseconds(think)) }
        }
        return .items(count, inOrder: inOrder, ended: true)
      }
    } catch let error as RPCError {
      return .failed(error.code.description, items: count, inOrder: inOrder)
    } catch let error as RemoteError {
      return .failed(error.name, items: count, inOrder: inOrder)
    } catch is CancellationError {
      return .failed("cancelled", items: count, inOrder: inOrder)
    } catch {
      return .failed("untyped: \(error)", items: count, inOrder: inOrder)
    }
  }
}
