import TestSupport
import Testing
import ZeroRPC
import ZeroRPCTesting

extension Machines {
  /// What a seed decides.
  @Suite struct FaultPlanTests {
    private func fates(
      _ seed: UInt64, stream: UInt64 = 0, _ faults: RPCFaults, _ count: Int = 1_000
    ) -> [FaultPlan.Fate] {
      var plan = FaultPlan(seed: seed, stream: stream)
      return (0..<count).map { _ in plan.fate(under: faults) }
    }

    @Test func theSeedDecides() {
      let faults = RPCFaults(loss: 0.3, duplication: 0.3, latency: .zero ... .seconds(1))
      #expect(fates(1, faults) == fates(1, faults))
      #expect(fates(1, faults) != fates(2, faults))
      #expect(fates(1, faults) != fates(1, stream: 1, faults))
    }

    @Test func shares() {
      let unharmed = FaultPlan.Fate.arrives(copies: 1, after: .zero)
      #expect(fates(7, RPCFaults()).allSatisfy { $0 == unharmed })
      #expect(fates(7, RPCFaults(loss: 1)).allSatisfy { $0 == .lost })
      let lost = fates(7, RPCFaults(loss: 0.25)).filter { $0 == .lost }.count
      #expect((150...350).contains(lost))
      let latency = Duration.milliseconds(10) ... .milliseconds(20)
      for fate in fates(7, RPCFaults(duplication: 1, latency: latency)) {
        guard case .arrives(2, let delay, false) = fate else {
          Issue.record("\(fate)")
          return
        }
        #expect(latency.contains(delay))
      }
      for fate in fates(7, RPCFaults(latency: latency, reordering: 1)) {
        guard case .arrives(1, let delay, true) = fate else {
          Issue.record("\(fate)")
          return
        }
        #expect(delay >= latency.lowerBound && delay <= latency.upperBound * 2)
      }
    }

    /// Changing the faults in the middle does not change the rest.
    @Test func laterFatesDoNotDependOnEarlierFaults() {
      let faults = RPCFaults(loss: 0.5)
      var plan = FaultPlan(seed: 3, stream: 0)
      for _ in 0..<100 { _ = plan.fate(under: RPCFaults(loss: 1)) }
      let rest = (0..<100).map { _ in plan.fate(under: faults) }
      #expect(rest == Array(fates(3, faults, 200).suffix(100)))
    }
  }
}

extension Integration {
  /// The promises of calls, over a link that does not keep its own.
  @Suite struct FaultyLinkTests {
    private func withLink(
      seed: UInt64 = 42, heartbeat: Duration? = nil,
      _ body: (_ link: RPCFaultyLink, _ client: RPCClient, _ journal: Journal) async throws -> Void
    ) async throws {
      let journal = Journal()
      try await withServer(at: Transport.inproc.endpoint, journal: journal, { $0.heartbeat = heartbeat }) {
        _, endpoint in
        try await withRPCFaultyLink(to: endpoint, seed: seed) { link in
          var configuration = RPCClientConfiguration()
          configuration.heartbeat = heartbeat
          try await withRPCClient(connectingTo: link.endpoint, configuration: configuration) { client in
            try await body(link, client, journal)
            try await expectNothingOpen(client)
          }
        }
      }
    }

    @Test(.timeLimit(.minutes(1))) func nothingHappensUnlessAsked() async throws {
      try await withLink { link, client, _ in
        try await expectWorks(client)
        let items = try await collect(SpecimenClient(client).count(to: 500))
        #expect(items == Array(0..<500))
        #expect(link.counts(.toClient).lost + link.counts(.toServer).lost == 0)
        #expect(link.counts(.toClient).delivered >= 502)
      }
    }

    /// A lost request or answer is a time-out for its caller, and nothing for the next.
    @Test(.timeLimit(.minutes(1)), arguments: RPCFaultyLink.Direction.allCases)
    func lostMessagesTimeOut(_ direction: RPCFaultyLink.Direction) async throws {
      try await withLink { link, client, _ in
        link.loseNext(1, direction)
        let error = await #expect(throws: RPCError.self) {
          try await SpecimenClient(client).with { $0.timeout = .milliseconds(200) }.add(1, 2)
        }
        #expect(error?.code == .timeout)
        #expect(link.counts(direction).lost == 1)
        try await expectWorks(client)
      }
    }

    /// A call ends once, however often its answer comes.
    @Test(.timeLimit(.minutes(1))) func doubledAnswers() async throws {
      try await withLink { link, client, _ in
        link.toClient = RPCFaults(duplication: 1, events: ["OK", "ERR"])
        for number in 0..<100 {
          let sum = try await SpecimenClient(client).add(number, 1)
          #expect(sum == number + 1)
        }
        await #expect(throws: RemoteError.self) { try await SpecimenClient(client).fail("x") }
        try await expectWorks(client)
        #expect(link.counts(.toClient).doubled == 102)
      }
    }

    /// A slow and unsteady link changes nothing but the time that it takes.
    @Test(.timeLimit(.minutes(1))) func latencyKeepsTheOrder() async throws {
      try await withLink { link, client, _ in
        link.toClient = RPCFaults(latency: .zero ... .milliseconds(3))
        link.toServer = RPCFaults(latency: .zero ... .milliseconds(3))
        let items = try await collect(SpecimenClient(client).count(to: 200))
        #expect(items == Array(0..<200))
      }
    }

    /// Without heartbeats both sides give up: the caller gets an error, the handler is cancelled.
    @Test(.timeLimit(.minutes(1))) func lostHeartbeats() async throws {
      try await withLink(heartbeat: .milliseconds(200)) { link, client, journal in
        link.toClient = RPCFaults(loss: 1, events: ["_zpc_hb"])
        link.toServer = RPCFaults(loss: 1, events: ["_zpc_hb"])
        let error = await #expect(throws: RPCError.self) { try await SpecimenClient(client).wait("w") }
        #expect(error?.code == .lostPeer)
        try await journal.wait(for: "w cancelled")
      }
    }

    @Test(.timeLimit(.minutes(1))) func aCutLinkIsRestored() async throws {
      try await withLink { link, client, _ in
        try await expectWorks(client)
        link.cut()
        let error = await #expect(throws: RPCError.self) {
          try await SpecimenClient(client).with { $0.timeout = .milliseconds(100) }.add(1, 2)
        }
        #expect(error?.code == .timeout)
        link.restore()
        try await expectWorks(client)
      }
    }
  }
}
