import TestSupport
import Testing
import ZeroMQ
import ZeroRPC
import ZeroRPCTesting

extension RPCTestNetwork {
  /// Starts a task in the network.
  func start<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) -> Task<Value, any Error> {
    Task(executorPreference: executor) { try await body() }
  }
}

extension Machines {
  /// Services and their clients on a network in memory, by a clock that a test sets.
  @Suite struct TestNetworkTests {
    private func withService<Result>(
      seed: UInt64? = nil, faults: RPCFaults = RPCFaults(),
      _ body: (_ network: RPCTestNetwork, _ client: RPCClient) async throws -> Result
    ) async throws -> Result {
      try await withRPCTestNetwork(seed: seed, faults: faults) { network in
        let server = try await network.serve(SimulatedService(clock: network.clock), SpecimenService(Journal()))
        let client = try network.client()
        let result = try await body(network, client)
        await network.clock.advance(by: .zero)
        #expect(client.openResources.isZero, "\(client.openResources)")
        #expect(server.openResources.isZero, "\(server.openResources)")
        return result
      }
    }

    @Test(.timeLimit(.minutes(1))) func callsAndStreams() async throws {
      try await withService { network, client in
        let sum = try await SpecimenClient(client).add(1, 2)
        #expect(sum == 3)
        let items = try await collect(SpecimenClient(client).count(to: 500))
        #expect(items == Array(0..<500))
        await #expect(throws: RemoteError.self) { try await SpecimenClient(client).fail("x") }
        let same: Int = try await client.remote.add(1, 2)
        #expect(same == 3)
        // Nothing of it took any time.
        #expect(network.clock.now.elapsed == .zero)
      }
    }

    /// An hour of a handler takes none of the test.
    @Test(.timeLimit(.minutes(1))) func theClockGoesOnByItself() async throws {
      try await withService { network, client in
        let service = SimulatedClient(client).with { $0.timeout = .seconds(7_200) }
        let answer = try await service.echo(7, 3_600_000)
        #expect(answer == 7)
        #expect(network.clock.now.elapsed == .seconds(3_600))
        // Both sides sent heartbeats meanwhile, each 5 seconds.
        #expect(network.counts(.toServer).delivered >= 719)
        #expect(network.counts(.toClient).delivered >= 719)
      }
    }

    @Test(.timeLimit(.minutes(1))) func timeoutsAreExact() async throws {
      try await withService { network, client in
        let error = await #expect(throws: RPCError.self) {
          try await SimulatedClient(client).with { $0.timeout = .seconds(3) }.echo(1, 10_000)
        }
        #expect(error?.code == .timeout)
        #expect(network.clock.now.elapsed == .seconds(3))
      }
    }

    @Test(.timeLimit(.minutes(1))) func theTestSetsTheClock() async throws {
      try await withService { network, client in
        network.clock.advancesAutomatically = false
        async let answer = SimulatedClient(client).echo(7, 10_000)
        await network.clock.advance(by: .seconds(9))
        #expect(client.openCalls == 1)
        #expect(network.clock.now.elapsed == .seconds(9))
        await network.clock.advance(by: .seconds(1))
        #expect(client.openCalls == 0)
        let received = try await answer
        #expect(received == 7)
      }
    }

    @Test(.timeLimit(.minutes(1))) func sleepersWakeInTheirOrder() async throws {
      try await withRPCTestNetwork { network in
        let order = await withTaskGroup(of: Int.self) { group in
          for number in [3, 1, 2] {
            group.addTask {
              try? await network.clock.sleep(for: .seconds(number))
              return number
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(order == [1, 2, 3])
        #expect(network.clock.now.elapsed == .seconds(3))
      }
    }

    @Test(.timeLimit(.minutes(1))) func sleepersAreCancelled() async throws {
      try await withRPCTestNetwork { network in
        let sleeper = Task { try await network.clock.sleep(for: .seconds(1_000_000)) }
        await network.clock.advance(by: .seconds(1))
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        #expect(network.clock.now.elapsed < .seconds(1_000_000))
      }
    }

    /// There and back again.
    @Test(.timeLimit(.minutes(1))) func latency() async throws {
      let faults = RPCFaults(latency: .milliseconds(10) ... .milliseconds(10))
      try await withService(seed: 1, faults: faults) { network, client in
        let before = network.clock.now
        _ = try await SpecimenClient(client).add(1, 2)
        #expect(before.duration(to: network.clock.now) == .milliseconds(20))
        let items = try await collect(SpecimenClient(client).count(to: 300))
        #expect(items == Array(0..<300))
      }
    }

    @Test(.timeLimit(.minutes(1))) func lostAnswersTimeOut() async throws {
      try await withService { network, client in
        network.loseNext(1, .toClient)
        let error = await #expect(throws: RPCError.self) {
          try await SpecimenClient(client).with { $0.timeout = .seconds(1) }.add(1, 2)
        }
        #expect(error?.code == .timeout)
        #expect(network.counts(.toClient).lost == 1)
        try await expectWorks(client)
      }
    }

    /// The next heartbeat of its channel finds nobody there: the server need not wait until it has missed some.
    @Test(.timeLimit(.minutes(1))) func aBrokenConnectionEndsItsCallsAtTheServer() async throws {
      try await withRPCTestNetwork { network in
        let server = try await network.serve(SimulatedService(clock: network.clock), SpecimenService(Journal()))
        let client = try network.client()
        let answer = network.start {
          try await SimulatedClient(client).with { $0.timeout = .seconds(3_600) }.echo(1, 60_000)
        }
        await network.clock.advance(by: .seconds(1))
        #expect(server.openCalls == 1)
        network.disconnect()
        await network.clock.advance(by: .seconds(4.5))
        #expect(server.openCalls == 0)
        // The client has had no sign of that but silence.
        await #expect(throws: RPCError.self) { try await answer.value }
        #expect(network.clock.now.elapsed > .seconds(10))
        try await expectWorks(client)
      }
    }

    @Test(.timeLimit(.minutes(1))) func aCutNetworkLosesThePeer() async throws {
      try await withService { network, client in
        let answer = network.start {
          try await SimulatedClient(client).with { $0.timeout = .seconds(3_600) }.echo(1, 60_000)
        }
        await network.clock.advance(by: .seconds(1))
        network.cut()
        let error = await #expect(throws: RPCError.self) { try await answer.value }
        #expect(error?.code == .lostPeer)
        #expect(network.clock.now.elapsed <= .seconds(20))
        network.restore()
        try await expectWorks(client)
        await network.clock.advance(by: .seconds(60))
      }
    }

    /// What is held goes on where it was.
    @Test(.timeLimit(.minutes(1))) func aHeldNetworkIsOnlyLate() async throws {
      try await withService { network, client in
        network.hold()
        async let sum = SpecimenClient(client).add(1, 2)
        await network.clock.advance(by: .seconds(5))
        #expect(client.openCalls == 1)
        network.release()
        let total = try await sum
        #expect(total == 3)
      }
    }

    /// The call that was open is lost; the next finds the new connection.
    @Test(.timeLimit(.minutes(1))) func connectionsBreak() async throws {
      try await withService { network, client in
        let answer = network.start {
          try await SimulatedClient(client).with { $0.timeout = .seconds(3_600) }.echo(1, 60_000)
        }
        await network.clock.advance(by: .seconds(1))
        network.disconnect()
        let error = await #expect(throws: RPCError.self) { try await answer.value }
        #expect(error?.code == .lostPeer)
        try await expectWorks(client)
        await network.clock.advance(by: .seconds(60))
      }
    }

    @Test(.timeLimit(.minutes(1))) func killedServersAreReplaced() async throws {
      try await withRPCTestNetwork { network in
        let first = try await network.serve(SimulatedService(clock: network.clock))
        let client = try network.client()
        let answer = network.start { try await SimulatedClient(client).echo(1, 600_000) }
        await network.clock.advance(by: .seconds(1))
        await network.kill(first)
        let error = await #expect(throws: RPCError.self) { try await answer.value }
        #expect(error?.code == .lostPeer)
        try await network.serve(SimulatedService(clock: network.clock))
        let next = try await SimulatedClient(client).echo(2, 0)
        #expect(next == 2)
      }
    }

    @Test(.timeLimit(.minutes(1))) func serversShutDown() async throws {
      try await withRPCTestNetwork { network in
        let server = try await network.serve(SimulatedService(clock: network.clock))
        let client = try network.client()
        async let answer = SimulatedClient(client).echo(1, 10_000)
        await network.clock.advance(by: .seconds(1))
        server.beginGracefulShutdown()
        let refusal = await #expect(throws: RemoteError.self) { try await SimulatedClient(client).echo(2, 0) }
        #expect(refusal?.isRetriable == true)
        let received = try await answer
        #expect(received == 1)
        try await network.waitUntilStopped(server)
        #expect(network.clock.now.elapsed < .seconds(11))
      }
    }

    /// Endpoints are names, of which there may be many; a name that is taken is refused.
    @Test(.timeLimit(.minutes(1))) func endpoints() async throws {
      try await withRPCTestNetwork { network in
        let one = try await network.serve(SimulatedService(clock: network.clock), at: "tcp://127.0.0.1:*")
        try await network.serve(SimulatedService(clock: network.clock), at: "memory://two")
        #expect(one.endpoints[0].hasPrefix("tcp://127.0.0.1:"))
        let client = try network.client(of: one.endpoints[0], "memory://two")
        for number in 0..<10 {
          let answer = try await SimulatedClient(client).echo(number, 0)
          #expect(answer == number)
        }
        let error = await #expect(throws: RPCError.self) {
          try await network.serve(SimulatedService(clock: network.clock), at: "memory://two")
        }
        #expect(error?.code == .addressInUse)
      }
    }

    /// A client may come first.
    @Test(.timeLimit(.minutes(1))) func lateServers() async throws {
      try await withRPCTestNetwork { network in
        let client = try network.client()
        async let answer = SimulatedClient(client).echo(1, 0)
        await network.clock.advance(by: .seconds(3))
        try await network.serve(SimulatedService(clock: network.clock))
        let received = try await answer
        #expect(received == 1)
      }
    }

    /// Deadlines of the code around calls are measured by the network's clock too, in handlers as well.
    @Test(.timeLimit(.minutes(1))) func deadlinesAround() async throws {
      try await withRPCTestNetwork { network in
        try await network.serve(SimulatedService(clock: network.clock), at: "memory://back")
        let back = try network.client(of: "memory://back")
        try await network.serve(SimulatedService(clock: network.clock, next: back))
        let client = try network.client()
        let error = await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.seconds(5)) {
            #expect(RPCTaskContext.current.remainingTime == .seconds(5))
            return try await SimulatedClient(client).relay(1, 60_000)
          }
        }
        #expect(error?.code == .timeout)
        #expect(network.clock.now.elapsed == .seconds(5))
        await network.clock.advance(by: .zero)
        #expect(back.openResources.isZero)
      }
    }

    /// The high-water marks hold producers back, as those of ZeroMQ do.
    @Test(.timeLimit(.minutes(1))) func highWaterMarks() async throws {
      try await withRPCTestNetwork { network in
        var configuration = RPCClientConfiguration()
        configuration.transport.sendHighWaterMark = 2
        configuration.transport.receiveHighWaterMark = 2
        var serverConfiguration = RPCServerConfiguration()
        serverConfiguration.transport = configuration.transport
        try await network.serve(SpecimenService(Journal()), configuration: serverConfiguration)
        let client = try network.client(configuration: configuration)
        network.hold()
        try await withThrowingTaskGroup(of: Int.self) { group in
          for number in 0..<50 { group.addTask { try await SpecimenClient(client).add(number, 0) } }
          await network.clock.advance(by: .seconds(1))
          #expect(client.queuedEvents == 46)
          network.release()
          let sum = try await group.reduce(0, +)
          #expect(sum == 49 * 25)
        }
        let items = try await collect(SpecimenClient(client).count(to: 300))
        #expect(items == Array(0..<300))
      }
    }

    /// Heartbeats find their way past what waits for a peer that reads slowly, in both directions.
    @Test(.timeLimit(.minutes(1))) func slowPeersAreNotLost() async throws {
      try await withRPCTestNetwork { network in
        network.faults = RPCFaults(latency: .milliseconds(100) ... .milliseconds(100))
        var configuration = RPCClientConfiguration()
        configuration.heartbeat = .seconds(1)
        configuration.timeout = .seconds(600)
        configuration.transport.sendHighWaterMark = 1
        configuration.transport.receiveHighWaterMark = 1
        var serverConfiguration = RPCServerConfiguration()
        serverConfiguration.heartbeat = .seconds(1)
        serverConfiguration.transport = configuration.transport
        try await network.serve(SimulatedService(clock: network.clock), configuration: serverConfiguration)
        let client = SimulatedClient(try network.client(configuration: configuration))
        async let slow = client.echo(1, 20_000)
        async let items = collect(client.count(2, to: 200, pause: 0))
        let all = try await items
        #expect(all == Array(0..<200))
        let last = try await slow
        #expect(last == 1)
      }
    }

    /// Calls that wait behind others are not lost, however long it takes until they are sent.
    @Test(.timeLimit(.minutes(1))) func waitingCallsAreNotLost() async throws {
      try await withRPCTestNetwork { network in
        network.faults = RPCFaults(latency: .seconds(1) ... .seconds(1))
        var configuration = RPCClientConfiguration()
        configuration.timeout = .seconds(600)
        configuration.transport.sendHighWaterMark = 1
        configuration.transport.receiveHighWaterMark = 1
        var serverConfiguration = RPCServerConfiguration()
        serverConfiguration.transport = configuration.transport
        try await network.serve(SimulatedService(clock: network.clock), configuration: serverConfiguration)
        let client = SimulatedClient(try network.client(configuration: configuration))
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
          for number in 0..<60 { group.addTask { try await client.echo(number, 0) } }
          return try await group.reduce(0, +)
        }
        #expect(answers == 59 * 30)
        // More than three intervals of heartbeats.
        #expect(network.clock.now.elapsed > .seconds(20))
      }
    }

    /// Grants of credit that could not be sent go with their streams.
    @Test(.timeLimit(.minutes(1))) func lostStreamsLeaveNothing() async throws {
      try await withRPCTestNetwork { network in
        var configuration = RPCClientConfiguration()
        configuration.streamWindow = 2
        configuration.transport.sendHighWaterMark = 1
        configuration.transport.receiveHighWaterMark = 1
        var serverConfiguration = RPCServerConfiguration()
        serverConfiguration.transport = configuration.transport
        try await network.serve(SimulatedService(clock: network.clock), configuration: serverConfiguration)
        let client = try network.client(configuration: configuration)
        let tasks = (0..<6).map { number in
          network.start {
            var items = 0
            for try await _ in try await SimulatedClient(client).count(number, to: 50, pause: 0) {
              items += 1
              if items == 1 { try await network.clock.sleep(for: .seconds(1)) }
            }
          }
        }
        await network.clock.advance(by: .milliseconds(500))
        network.hold()
        await network.clock.advance(by: .seconds(1))
        #expect(client.queuedEvents > 0)
        for task in tasks { await #expect(throws: RPCError.self) { try await task.value } }
        #expect(client.openResources.isZero, "\(client.openResources)")
      }
    }

    @Test func onlySocketsOfCalls() async throws {
      try await withRPCTestNetwork { network in
        let error = #expect(throws: ZMQError.self) { try ZMQSocket(.publish, context: network.context) }
        #expect(error?.code == .notSupported)
      }
    }

    // MARK: Suspended machines

    /// After a machine was asleep, or a process stopped, nobody is lost: heartbeats are judged from then on.
    @Test(.timeLimit(.minutes(1)), arguments: [Duration.seconds(7), .seconds(60), .seconds(86_400 * 30)])
    func jumpsLoseNobody(_ jump: Duration) async throws {
      try await withService { network, client in
        let service = SimulatedClient(client).with { $0.timeout = .seconds(86_400 * 365) }
        async let answer = service.echo(1, 40_000)
        async let items = collect(service.count(2, to: 100, pause: 1_000))
        await network.clock.advance(by: .milliseconds(12_345))
        await network.clock.jump(by: jump)
        let all = try await items
        #expect(all == Array(0..<100))
        let received = try await answer
        #expect(received == 1)
      }
    }

    /// A time-out that has passed meanwhile has passed, unless the answer was there before anybody looked.
    @Test(.timeLimit(.minutes(1))) func jumpsPassTimeouts() async throws {
      try await withService { network, client in
        let late = network.start {
          try await SimulatedClient(client).with { $0.timeout = .seconds(30) }.echo(1, 60_000)
        }
        await network.clock.advance(by: .seconds(1))
        await network.clock.jump(by: .seconds(3_600))
        let error = await #expect(throws: RPCError.self) { try await late.value }
        #expect(error?.code == .timeout)
        try await expectWorks(client)
      }
    }

    // MARK: Seeds

    private func run(_ seed: UInt64) async throws -> (fingerprint: UInt64, endings: [String]) {
      let faults = RPCFaults(
        loss: 0.05, duplication: 0.05, latency: .milliseconds(1) ... .milliseconds(50), reordering: 0.1)
      return try await withRPCTestNetwork(seed: seed, faults: faults) { network in
        try await network.serve(SimulatedService(clock: network.clock))
        let client = try network.client()
        let endings = await withTaskGroup(of: String.self) { group in
          for number in 0..<20 {
            group.addTask {
              do {
                let service = SimulatedClient(client).with { $0.timeout = .seconds(10) }
                return "\(number): \(try await service.echo(number, number * 100))"
              } catch {
                return "\(number): \((error as? RPCError)?.code.description ?? "\(error)")"
              }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        return (network.fingerprint, endings)
      }
    }

    @Test(.timeLimit(.minutes(1))) func theSeedDecides() async throws {
      let one = try await run(1)
      let again = try await run(1)
      #expect(again == one)
      let other = try await run(2).fingerprint
      #expect(other != one.fingerprint)
      #expect(one.endings.contains { $0.hasSuffix("timeout") })
    }
  }
}
