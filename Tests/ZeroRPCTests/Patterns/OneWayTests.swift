import Logging
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Calls that nobody answers.
  @Suite(.timeLimit(.minutes(1))) struct OneWayTests {
    @Test(arguments: Transport.allCases)
    func callsArriveAndNothingIsOpen(_ transport: Transport) async throws {
      let ledger = LedgerService()
      try await withServer(at: transport.endpoint, services: [ledger]) { server, endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          let stub = LedgerClient(client)
          for _ in 0..<500 { try await stub.oneWay.tick() }
          #expect(client.openCalls == 0)
          try await client.remote.record.send("dynamic")
          try await entries(1, of: ledger)
          try await eventually("all ticks") { ledger.ticks == 500 }
          // An ordinary call goes on working beside them.
          #expect(try await stub.count() == 1)
        }
        try await expectNothingOpen(server)
      }
    }

    @Test func aSwiftServerSendsNoAnswer() async throws {
      let ledger = LedgerService()
      let log = Log()
      let logger = Logger(label: "test") { _ in LogHandlerToLog(log: log) }
      try await withServer(services: [ledger], { $0.logger = logger }) { server, endpoint in
        let raw = try RawSocket(.dealer, connecting: endpoint)
        defer { raw.close() }
        func send(_ name: String, _ arguments: MessagePackValue, _ id: String) throws {
          try raw.send([
            [],
            try RawEvent.request(
              .string(name), arguments, id: .string(id), version: 1, extra: [("zrpc_oneway", true)]),
          ])
        }
        try send("record", ["x"], "1")
        try send("refuse", ["because"], "2")
        try send("missing", [], "3")
        try send("numbers", [3], "4")
        try send("record", [], "5")
        try send("count", [], "6")
        try raw.send([[], try RawEvent.request("count", [], id: "last")])
        let answer = try await raw.event()
        #expect(answer["response_to"] == "last")
        try await expectNothingOpen(server)
        #expect(raw.receiveNow() == nil)
        #expect(ledger.entries == ["x", "refused"])
        #expect(ledger.journal.count("numbers") == 0)
        try await eventually("the errors in the log") {
          log.count(where: { $0.contains("one-way call failed") }) == 3
        }
      }
    }

    @Test func theEventAsksForNoHeartbeats() async throws {
      let raw = try RawSocket(.router, binding: "tcp://127.0.0.1:*")
      defer { raw.close() }
      try await withRPCClient(connectingTo: raw.endpoint) { client in
        try await LedgerClient(client).oneWay.with { $0.headers = ["trace_id": "t"] }.record("x")
        let event = try await raw.event()
        #expect(event.name == "record" && event.arguments == ["x"])
        #expect(event["v"] == 1 && event["zrpc_oneway"] == true && event["trace_id"] == "t")
        #expect(event["response_to"] == nil)
        guard let id = event["message_id"], let peer = event.envelope.first else { return }
        // An answer is dropped. A stream would wait for credit: one heartbeat lets the server find out that nobody is there.
        try raw.send([peer, [], try RawEvent.reply("OK", [nil], to: id)])
        try raw.send([peer, [], try RawEvent.reply("STREAM", 0, to: id)])
        let heartbeat = try await raw.event()
        #expect(heartbeat.name == "_zpc_hb" && heartbeat["response_to"] == id)
      }
    }

    @Test func whatReturnsSomethingIsRefused() async throws {
      try await withHarness { harness in
        let oneWay = harness.specimen.oneWay
        let error = await #expect(throws: RPCError.self) { try await oneWay.add(1, 2) }
        #expect(error?.code == .invalidArgument && error?.message.contains("'add'") == true)
        await #expect(throws: RPCError.self) { _ = try await oneWay.count(to: 3) }
      }
    }

    @Test func withoutAServerItEndsAtItsDeadline() async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      try await withRPCClient(connectingTo: endpoint) { client in
        let stub = LedgerClient(client).oneWay.with { $0.timeout = .milliseconds(50) }
        let error = await #expect(throws: RPCError.self) { try await stub.tick() }
        #expect(error?.code == .timeout && error?.message.contains("no connection") == true)
        try await expectNothingOpen(client)
        #expect(client.queuedEvents == 0)
        let call = Task { try await LedgerClient(client).oneWay.tick() }
        try await eventually("the call to be open") { client.openCalls == 1 }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        #expect(client.openCalls == 0 && client.queuedEvents == 0)
      }
    }

    @Test func itWaitsForItsServer() async throws {
      let ledger = LedgerService()
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      try await withRPCClient(connectingTo: endpoint) { client in
        let call = Task { try await LedgerClient(client).oneWay.record("x") }
        try await eventually("the call to be open") { client.openCalls == 1 }
        try await withServer(at: endpoint, services: [ledger]) { _, _ in
          try await call.value
          #expect(client.openCalls == 0)
          #expect(try await entries(1, of: ledger) == ["x"])
        }
      }
    }

    @Test func interceptorsOfBothSidesSeeIt() async throws {
      let ledger = LedgerService()
      let (server, client) = (Counting(), ClientCounting())
      try await withServer(services: [ledger], { $0.interceptors = [server] }) { running, endpoint in
        var configuration = RPCClientConfiguration()
        configuration.interceptors = [client]
        try await withRPCClient(connectingTo: endpoint, configuration: configuration) { rpc in
          try await LedgerClient(rpc).oneWay.record("x")
          try await entries(1, of: ledger)
        }
        try await server.journal.wait(for: "record after")
        #expect(client.journal.count("record ended") == 1)
        try await expectNothingOpen(running)
      }
    }
  }
}

/// Notes which calls have ended.
private struct ClientCounting: RPCClientInterceptor {
  let journal = Journal()

  func callEnded(_ call: RPCClientContext, error: (any Error)?) { journal.note("\(call.method) ended") }
}
