import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC
import ZeroRPCTesting

extension Integration {
  /// Cancellation, deadlines and stopping: a call ends exactly once, and nothing of it stays behind.
  @Suite struct CancellationTests {
    @Test(arguments: Transport.allCases)
    func reachesTheHandler(_ transport: Transport) async throws {
      try await withHarness(transport) { harness in
        let specimen = harness.specimen
        let call = Task { try await specimen.wait("w") }
        try await harness.journal.wait(for: "w started")
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        try await harness.journal.wait(for: "w cancelled")
        try await harness.journal.wait(for: "w ended")
      }
    }

    @Test func beforeTheCall() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let call = Task {
          while !Task.isCancelled { await Task.yield() }
          try await specimen.wait("w")
        }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(harness.client.openCalls == 0)
        #expect(harness.journal.count("w started") == 0)
      }
    }

    /// Whoever wins, the call ends once, with its value or as cancelled, and nothing stays behind.
    @Test func racesWithTheReply() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        var outcomes = (values: 0, cancellations: 0)
        for round in 0..<3_000 {
          let call = Task { try await specimen.add(round, 1) }
          for _ in 0..<(round % 60) { await Task.yield() }
          call.cancel()
          do {
            #expect(try await call.value == round + 1)
            outcomes.values += 1
          } catch {
            #expect(error is CancellationError)
            outcomes.cancellations += 1
          }
        }
        #expect(outcomes.values + outcomes.cancellations == 3_000)
        try await expectWorks(specimen.client)
      }
    }

    @Test func racesWithAStream() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        for round in 0..<500 {
          let call = Task { try await collect(try await specimen.count(to: 130)).count }
          for _ in 0..<(round % 50) * 4 { await Task.yield() }
          call.cancel()
          do {
            #expect(try await call.value == 130)
          } catch {
            #expect(error is CancellationError)
          }
        }
      }
    }

    @Test func ofAThousandCallsAtOnce() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let calls = (0..<1_000).map { _ in Task { try await specimen.wait("w") } }
        try await harness.journal.wait(for: "w started", count: 1_000)
        #expect(harness.client.openCalls == 1_000)
        #expect(harness.server.openCalls == 1_000)
        for call in calls { call.cancel() }
        for call in calls { await #expect(throws: CancellationError.self) { try await call.value } }
        try await harness.journal.wait(for: "w cancelled", count: 1_000)
      }
    }

    @Test func deadlineCancelsTheHandler() async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RPCError.self) {
          try await harness.specimen.with { $0.timeout = .milliseconds(100) }.wait("w")
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("'wait'") == true)
        try await harness.journal.wait(for: "w cancelled")
        try await expectWorks(harness.client)
      }
    }

    @Test func deadlineOfTheClientCancelsTheHandler() async throws {
      try await withHarness(client: { $0.timeout = .milliseconds(100) }) { harness in
        let error = await #expect(throws: RPCError.self) { try await harness.specimen.wait("w") }
        #expect(error?.code == .timeout)
        try await harness.journal.wait(for: "w cancelled")
      }
    }

    @Test func stoppingTheServerCancelsHandlers() async throws {
      let journal = Journal()
      let server = RPCServer(services: [SpecimenService(journal)])
      let endpoint = try await server.bind("tcp://127.0.0.1:*")
      let running = Task { try await server.run() }
      try await withRPCClient(connectingTo: endpoint, configuration: quick()) { client in
        let specimen = SpecimenClient(client)
        let call = Task { try await specimen.wait("w") }
        let stream = try await specimen.endless("e")
        try await journal.wait(for: "w started")
        running.cancel()
        try await running.value
        try await journal.wait(for: "w cancelled")
        try await journal.wait(for: "e ended")
        #expect(server.openCalls == 0)
        let lost = await #expect(throws: RPCError.self) { try await call.value }
        #expect(lost?.code == .lostPeer)
        let ended = await #expect(throws: RPCError.self) { _ = try await collect(stream) }
        #expect(ended?.code == .lostPeer)
        try await expectNothingOpen(client)
      }
    }

    @Test func gracefulShutdownFinishesOpenCalls() async throws {
      let journal = Journal()
      let server = RPCServer(services: [SpecimenService(journal)])
      let endpoint = try await server.bind("tcp://127.0.0.1:*")
      let running = Task { try await server.run() }
      try await withRPCClient(connectingTo: endpoint) { client in
        let specimen = SpecimenClient(client)
        let call = Task { try await specimen.wait("w") }
        try await journal.wait(for: "w started")
        server.beginGracefulShutdown()
        #expect(server.openCalls == 1)
        journal.release("w")
        try await call.value
        try await within(.seconds(20), "the server") { try await running.value }
        #expect(journal.count("w cancelled") == 0)
      }
      // The endpoint is free again.
      try await withServer(at: endpoint) { _, _ in }
    }

    /// Those whose methods take longer are told, so that they need not wait for heartbeats to fail.
    @Test func theGraceEndsAndCallersAreTold() async throws {
      try await withSimulatedHarness(server: {
        $0.shutdownGrace = .seconds(7)
        $0.limits.handlers = 2
      }) { harness in
        let specimen = harness.specimen
        let running = harness.network.start { try await specimen.wait("w") }
        let items = harness.network.start { try await collect(specimen.pausing("p", after: 3)) }
        await harness.settle()
        let waiting = harness.network.start { try await specimen.add(1, 2) }
        await harness.settle()
        harness.server.beginGracefulShutdown()
        let stopped = await #expect(throws: RemoteError.self) { try await running.value }
        #expect(stopped?.name == RemoteError.serverStopped)
        #expect(stopped?.isRetriable == false)
        let refused = await #expect(throws: RemoteError.self) { try await waiting.value }
        #expect(refused?.isRetriable == true)
        let cut = await #expect(throws: RemoteError.self) { try await items.value }
        #expect(cut?.name == RemoteError.serverStopped)
        try await harness.network.waitUntilStopped(harness.server)
        #expect(harness.elapsed < .seconds(8))
        #expect(harness.journal.count("w cancelled") == 1)
        #expect(harness.journal.count("p cancelled") == 1)
      }
    }

    /// What the socket has not sent yet when a server stops has its linger to leave.
    @Test func theLastAnswerLingers() async throws {
      var configuration = RPCServerConfiguration()
      configuration.transport.linger = .seconds(20)
      let server = RPCServer(services: [SpecimenService(Journal())], configuration: configuration)
      let endpoint = try await server.bind("tcp://127.0.0.1:*")
      let running = Task { try await server.run() }
      let peer = try RawSocket(.dealer, connecting: endpoint)
      defer { peer.close() }
      try peer.send([[], try RawEvent.request("blob", [60_000_000], id: "b")])
      try await eventually("the call to come") { server.openCalls == 1 }
      try await eventually("the answer to be given to ZeroMQ") { server.openCalls == 0 }
      running.cancel()
      try await running.value
      let answer = try await peer.event(within: .seconds(20))
      #expect(answer.name == "OK" && answer.payload.count > 60_000_000)
    }

    @Test func serverRestart() async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      try await withRPCClient(connectingTo: endpoint) { client in
        for round in 0..<3 {
          try await withServer(at: endpoint) { _, _ in
            // A request that went into the dying connection is lost: at most once. The next one gets through.
            try await eventually("the client to have reconnected") {
              do {
                return try await SpecimenClient(client).with { $0.timeout = .milliseconds(500) }.add(1, 2) == 3
              } catch let error as RPCError where error.code == .timeout { return false }
            }
            let items = try await collect(try await SpecimenClient(client).count(to: 150))
            #expect(items.count == 150, "round \(round)")
          }
        }
      }
    }

    @Test func disconnectEndsOnlyItsOwnCalls() async throws {
      let journals = [Journal(), Journal()]
      try await withServer(journal: journals[0]) { _, first in
        try await withServer(journal: journals[1]) { _, second in
          try await withRPCClient(connectingTo: first, second) { client in
            let specimen = SpecimenClient(client)
            let calls = (0..<2).map { _ in Task { try await specimen.wait("w") } }
            for journal in journals { try await journal.wait(for: "w started") }
            try client.disconnect(first)
            try await journals[0].wait(for: "w cancelled")
            journals[1].release("w")
            var closed = 0
            for call in calls {
              do { try await call.value } catch let error as RPCError where error.code == .closed { closed += 1 }
            }
            #expect(closed == 1)
            try await expectWorks(specimen.client)
            #expect(throws: RPCError.self) { try client.disconnect(first) }
          }
        }
      }
    }
  }
}

/// A client that finds a lost peer soon.
func quick(_ heartbeat: Duration = .milliseconds(200)) -> RPCClientConfiguration {
  var configuration = RPCClientConfiguration()
  configuration.heartbeat = heartbeat
  return configuration
}
