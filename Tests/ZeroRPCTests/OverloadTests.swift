import Foundation
import InMemoryLogging
import Logging
import Synchronization
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// A server that is asked for more than it takes on refuses the excess at once, and nothing else suffers.
  @Suite(.timeLimit(.minutes(2))) struct OverloadTests {
    /// How calls that were made at once have ended.
    private final class Tally: Sendable {
      private let counts = Mutex((answered: 0, overloaded: 0, other: 0))

      var answered: Int { counts.withLock { $0.answered } }
      var overloaded: Int { counts.withLock { $0.overloaded } }
      var other: Int { counts.withLock { $0.other } }
      var all: Int { counts.withLock { $0.answered + $0.overloaded + $0.other } }

      func call(_ body: () async throws -> Void) async {
        do {
          try await body()
          counts.withLock { $0.answered += 1 }
        } catch let error as RemoteError where error.name == RemoteError.serverOverloaded && error.isRetriable {
          counts.withLock { $0.overloaded += 1 }
        } catch {
          counts.withLock { $0.other += 1 }
        }
      }
    }

    @Test(arguments: Transport.allCases)
    func theExcessIsRefusedAtOnce(_ transport: Transport) async throws {
      try await withHarness(transport) {
        ($0.limits.handlers, $0.limits.handlersPerPeer) = (4, 4)
        ($0.limits.queuedCalls, $0.limits.queuedCallsPerPeer) = (6, 6)
      } _: { harness in
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<50 { group.addTask { await tally.call { try await harness.specimen.wait("load") } } }
          // Nothing has been answered yet, and the refused ones know already.
          try await eventually("40 calls to be refused") { tally.overloaded == 40 }
          #expect(tally.all == 40)
          try await harness.journal.wait(for: "load started", count: 4)
          #expect(harness.journal.count("load started") == 4)
          harness.journal.release("load")
          try await group.waitForAll()
        }
        #expect(tally.answered == 10 && tally.overloaded == 40 && tally.other == 0)
        // The load is over, and so are its effects.
        for _ in 0..<100 { try await expectWorks(harness.client) }
      }
    }

    /// What is above the limit is closed, goes on trying, and comes in when somebody leaves; who is in notices nothing.
    @Test(arguments: [Transport.tcp, .ipc]) func connectionsAboveTheLimitWaitOutside(_ transport: Transport)
      async throws
    {
      let log = InMemoryLogHandler()
      try await withServer(at: transport.endpoint) {
        $0.limits.connections = 2
        $0.logger = Logger(label: "test") { _ in log }
      } body: { _, endpoint in
        var configuration = RPCClientConfiguration()
        configuration.timeout = .seconds(60)
        configuration.heartbeat = nil
        let inside = [RPCClient(configuration: configuration), RPCClient(configuration: configuration)]
        for client in inside {
          try client.connect(endpoint)
          try await expectWorks(client)
        }
        let outside = RPCClient(configuration: configuration)
        try outside.connect(endpoint)
        // What it sends into a connection that is closed is lost, so it calls until it is answered.
        let late = Task {
          while true {
            do { return try await outside.remote.with { $0.timeout = .milliseconds(500) }.add(1, 2) as Int } catch let
              error as RPCError where error.code == .timeout
            {}
          }
        }
        try await eventually("a connection to be closed") {
          log.entries.contains { "\($0.message)".contains("closed") }
        }
        #expect(log.entries.contains { $0.metadata["limit"] == "2 connections" })
        for client in inside { try await expectWorks(client) }
        inside[0].close()
        #expect(try await late.value == 3)
        try await expectWorks(inside[1])
        inside[1].close()
        outside.close()
      }
    }

    @Test func aPeerThatFloodsHurtsOnlyItself() async throws {
      try await withHarness {
        $0.limits.handlers = 8
        $0.limits.queuedCalls = 40
      } _: { harness in
        let flood = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<200 { group.addTask { await flood.call { try await harness.specimen.wait("flood") } } }
          // Of 8 handlers it gets 6, of 40 places in the queue 30.
          try await eventually("the flood to be refused") { flood.overloaded == 164 }
          try await withRPCClient(connectingTo: harness.endpoint) { polite in
            for _ in 0..<100 { try await expectWorks(polite) }
            let counted = try await collect(try await SpecimenClient(polite).count(to: 500))
            #expect(counted.count == 500)
          }
          #expect(flood.all == 164 && harness.journal.count("flood started") == 6)
          harness.journal.release("flood")
          try await group.waitForAll()
        }
        #expect(flood.answered == 36 && flood.other == 0)
      }
    }

    /// Both clients wait for the one handler; the queue of one is long, and the other's calls come in between.
    @Test func clientsAreServedInTurn() async throws {
      try await withHarness {
        ($0.limits.handlers, $0.limits.handlersPerPeer) = (1, 1)
      } _: { harness in
        let flood = Tally()
        let polite = Tally()
        try await withRPCClient(connectingTo: harness.endpoint) { other in
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await harness.specimen.wait("gate") }
            try await harness.journal.wait(for: "gate started")
            for _ in 0..<60 { group.addTask { await flood.call { try await harness.specimen.sleep(seconds: 0.05) } } }
            try await eventually("the flood to wait") { harness.server.openCalls == 61 }
            for _ in 0..<3 { group.addTask { await polite.call { try await expectWorks(other) } } }
            try await eventually("all to wait") { harness.server.openCalls == 64 }
            harness.journal.release("gate")
            try await eventually("the polite ones to be answered") { polite.answered == 3 }
            // In turn it is one call of the flood for each; twenty leave room for what happened since.
            #expect(flood.all < 40, "\(flood.all)")
            try await group.waitForAll()
          }
        }
        #expect(flood.answered == 60)
      }
    }

    @Test func heartbeatsAndCancellationGoOn() async throws {
      try await withHarness {
        $0.heartbeat = .milliseconds(500)
        ($0.limits.handlers, $0.limits.handlersPerPeer) = (1, 1)
        ($0.limits.queuedCalls, $0.limits.queuedCallsPerPeer) = (2, 2)
      } client: {
        $0.heartbeat = .milliseconds(500)
      } _: { harness in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await harness.specimen.wait("gate") }
          try await harness.journal.wait(for: "gate started")
          group.addTask { try await expectWorks(harness.client) }
          let queued = Task { try await expectWorks(harness.client) }
          try await eventually("both to wait") { harness.server.openCalls == 3 }
          let refused = await #expect(throws: RemoteError.self) { try await expectWorks(harness.client) }
          #expect(refused?.isRetriable == true)
          // A place in the queue is free as soon as the caller that had it is gone.
          queued.cancel()
          await #expect(throws: CancellationError.self) { try await queued.value }
          try await eventually("the place to be free") { harness.server.openCalls == 2 }
          group.addTask { try await expectWorks(harness.client) }
          try await eventually("another to wait") { harness.server.openCalls == 3 }
          // Longer than it takes to be called lost, for calls that run and for those that wait.
          try await Task.sleep(for: .seconds(2))
          #expect(harness.server.openCalls == 3)
          harness.journal.release("gate")
          try await group.waitForAll()
        }
      }
    }

    /// Its handler goes on after the caller has left, and so its place stays taken.
    @Test func aHandlerThatIgnoresItsCancellationCounts() async throws {
      try await withHarness {
        ($0.limits.handlers, $0.limits.handlersPerPeer, $0.limits.queuedCalls) = (1, 1, 0)
      } _: { harness in
        let first = Task { try await harness.specimen.spin(seconds: 2) }
        try await eventually("it to run") { harness.server.openCalls == 1 }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        try await eventually("the call to be forgotten") { harness.server.openCalls == 0 }
        await #expect(throws: RemoteError.self) { try await expectWorks(harness.client) }
        try await eventually("it to return") {
          do {
            try await expectWorks(harness.client)
            return true
          } catch is RemoteError { return false }
        }
      }
    }

    @Test func aPeerThatReadsNothingIsNotRememberedForEver() async throws {
      let limit = 1 << 20
      try await withHarness {
        $0.limits.unsentBytesPerPeer = limit
        $0.transport.sendHighWaterMark = 1
      } _: { harness in
        let deaf = try RawSocket(.dealer, connecting: harness.endpoint)
        for number in 0..<2_000 {
          let request = try RawEvent.request("blob", [.int(32_768)], id: .string("\(number)"))
          try await eventually("room for a request") { (try? deaf.send([[], request])) != nil }
        }
        try await eventually("as much to be kept as may be") { harness.server.queuedBytes >= limit }
        try await eventually("its calls to end") { harness.server.openCalls == 0 }
        // One turn's worth may come on top.
        let kept = harness.server.queuedBytes
        #expect(kept < limit + (1 << 20))
        try await expectWorks(harness.client)
        deaf.close()
        try await eventually("what was kept to be dropped") { harness.server.queuedBytes == 0 }
      }
    }
  }
}
