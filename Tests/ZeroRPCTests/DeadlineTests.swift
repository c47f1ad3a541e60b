import TestSupport
import Testing
import ZeroRPC
import ZeroRPCTesting

extension Machines {
  /// Deadlines: per call, of a scope, of a stream and its items, and across servers; on a network in memory, where they are
  /// exact.
  @Suite struct DeadlineTests {
    @Test func ofAScopeCancelsTheHandler() async throws {
      try await withSimulatedHarness { harness in
        // Connected first: a call that is never sent cancels nobody.
        try await expectWorks(harness.client)
        let error = await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.milliseconds(500)) { try await harness.specimen.wait("w") }
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("the deadline around the call") == true)
        await harness.settle()
        #expect(harness.journal.count("w cancelled") == 1)
      }
    }

    @Test func theLeastCounts() async throws {
      try await withSimulatedHarness { harness in
        for (inner, outer) in [(Duration.milliseconds(150), Duration.seconds(30)), (.seconds(30), .milliseconds(150))] {
          await #expect(throws: RPCError.self) {
            try await withRPCTimeout(outer) {
              try await harness.specimen.with { $0.timeout = inner }.wait("w")
            }
          }
          await #expect(throws: RPCError.self) {
            try await withRPCTimeout(outer) {
              try await withRPCTimeout(inner) { try await harness.specimen.wait("w") }
            }
          }
        }
        #expect(harness.elapsed == .milliseconds(600))
        try await expectWorks(harness.client)
      }
    }

    @Test func failsAtOnceWhenNoTimeIsLeft() async throws {
      try await withSimulatedHarness { harness in
        let error = await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.zero) { try await harness.specimen.wait("w") }
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("nothing was sent") == true)
        await #expect(throws: RPCError.self) {
          try await harness.specimen.with { $0.timeout = .zero }.wait("w")
        }
        try await expectWorks(harness.client)
        #expect(harness.journal.count("w started") == 0)
      }
    }

    @Test func childTasksInheritIt() async throws {
      try await withSimulatedHarness { harness in
        let specimen = harness.specimen
        await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.milliseconds(200)) {
            async let waiting: Void = specimen.wait("w")
            try await waiting
          }
        }
        #expect(RPCTaskContext.current.remainingTime == nil)
        try await expectWorks(harness.client)
      }
    }

    /// The handler of the first server calls the second one without a time-out of its own.
    @Test func travelsAcrossServers() async throws {
      try await withSimulatedHarness { inner in
        let clock = inner.network.clock
        try await inner.network.serve(RelayService(inner.client, clock: clock), at: "memory://relay")
        let client = try inner.network.client(of: "memory://relay")
        let relay = RelayClient(client).with { $0.timeout = .seconds(20) }
        let remaining = try await relay.remaining()
        #expect(remaining == 20)
        let unlimited = try await RelayClient(client).remaining()
        #expect(unlimited == -1)

        let error = await #expect(throws: (any Error).self) {
          try await RelayClient(client).with { $0.timeout = .milliseconds(300) }.wait("nested")
        }
        #expect((error as? RPCError)?.code == .timeout)
        await inner.settle()
        #expect(inner.journal.count("nested cancelled") == 1)
      }
    }

    @Test func ofAnItem() async throws {
      try await withSimulatedHarness { harness in
        let stream = try await harness.specimen.with { $0.itemTimeout = .milliseconds(200) }.pausing("p", after: 3)
        var items: [Int] = []
        let error = await #expect(throws: RPCError.self) {
          for try await item in stream { items.append(item) }
        }
        #expect(items == [0, 1, 2])
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("no item for 0.2 seconds") == true)
        await harness.settle()
        #expect(harness.journal.count("p cancelled") == 1)
      }
    }

    @Test func ofAnItemIsNotThatOfTheStream() async throws {
      try await withSimulatedHarness { harness in
        let specimen = harness.specimen.with { $0.itemTimeout = .seconds(10) }
        let items = try await collect(specimen.slowly(to: 5, pause: 0.05))
        #expect(items == [0, 1, 2, 3, 4])
      }
    }

    @Test func ofAStream() async throws {
      try await withSimulatedHarness { harness in
        let stream = try await harness.specimen.with { $0.streamTimeout = .milliseconds(400) }.endless("e")
        let error = await #expect(throws: RPCError.self) {
          for try await _ in stream { try await harness.network.clock.sleep(for: .milliseconds(10)) }
        }
        #expect(error?.code == .timeout)
        #expect(error?.message.contains("the stream has not ended within 0.4 seconds") == true)
        await harness.settle()
        #expect(harness.journal.count("e ended") == 1)
      }
    }

    @Test func ofTheConfiguration() async throws {
      try await withSimulatedHarness(client: { $0.streamTimeout = .milliseconds(300) }) { harness in
        let stream = try await harness.specimen.endless("e")
        await #expect(throws: RPCError.self) {
          for try await _ in stream { try await harness.network.clock.sleep(for: .milliseconds(10)) }
        }
        try await expectWorks(harness.client)
      }
    }

    @Test func ofAScopeEndsItsStreams() async throws {
      try await withSimulatedHarness { harness in
        let specimen = harness.specimen
        let error = await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.milliseconds(300)) {
            for try await _ in try await specimen.endless("e") {
              try await harness.network.clock.sleep(for: .milliseconds(10))
            }
          }
        }
        #expect(error?.code == .timeout)
        await harness.settle()
        #expect(harness.journal.count("e ended") == 1)
      }
    }

    @Test func ofAScopeEndsWaitingForAStreamFromOutside() async throws {
      try await withSimulatedHarness { harness in
        let stream = try await harness.specimen.pausing("p", after: 1)
        let error = await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.milliseconds(200)) {
            for try await _ in stream {}
          }
        }
        #expect(error?.code == .timeout)
        await harness.settle()
        #expect(harness.journal.count("p cancelled") == 1)
      }
    }

    /// The deadline of the first reply is not that of the calls which a producer makes later.
    @Test func aProducerOutlivesTheTimeoutOfTheFirstItem() async throws {
      try await withSimulatedHarness { inner in
        let clock = inner.network.clock
        try await inner.network.serve(RelayService(inner.client, clock: clock), at: "memory://relay")
        let client = try inner.network.client(of: "memory://relay")
        let relay = RelayClient(client).with { $0.timeout = .milliseconds(400) }
        let sums = try await collect(relay.sums(to: 8, pause: 0.1))
        #expect(sums == Array(1...8))
      }
    }
  }
}
