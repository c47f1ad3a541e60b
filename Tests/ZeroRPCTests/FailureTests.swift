import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// What goes wrong is a clear error at the caller, and the next call works.
  @Suite struct FailureTests {
    @Test func handlerThrows() async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RemoteError.self) { try await harness.specimen.fail("oops é") }
        #expect(error == RemoteError(name: "Refusal", message: "oops é"))
        let division = await #expect(throws: RemoteError.self) { try await harness.specimen.divide(1, by: 0) }
        #expect(division?.message == "cannot divide 1.0 by zero")
        try await expectWorks(harness.client)
      }
    }

    @Test(arguments: [nil, "Traceback\n  line 1"])
    func handlerThrowsRemoteError(_ traceback: String?) async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RemoteError.self) {
          try await harness.specimen.failRemotely("ValueError", "bad", traceback)
        }
        #expect(error == RemoteError(name: "ValueError", message: "bad", traceback: traceback))
      }
    }

    /// The names are the reference's, because clients switch on them.
    @Test func callsThatDoNotFit() async throws {
      try await withHarness { harness in
        let remote = harness.client.remote
        let unknown = await #expect(throws: RemoteError.self) { try await remote.ad(1, 2) }
        #expect(unknown?.name == "NameError")
        #expect(unknown?.message == "ad")
        let tooFew = await #expect(throws: RemoteError.self) { try await remote.add(1) }
        #expect(tooFew?.name == "TypeError")
        #expect(tooFew?.message == "add() missing 1 required positional argument: 'b'")
        let none = await #expect(throws: RemoteError.self) { try await remote.add() }
        #expect(none?.message == "add() missing 2 required positional arguments: 'a', 'b'")
        let tooMany = await #expect(throws: RemoteError.self) { try await remote.add(1, 2, 3) }
        #expect(tooMany?.name == "TypeError")
        #expect(tooMany?.message == "add() takes 2 positional arguments but 3 were given")
        let wrong = await #expect(throws: RemoteError.self) { try await remote.add(1, "two") }
        #expect(wrong?.name == "TypeError")
        #expect(wrong?.message.contains("'b'") == true, "\(wrong?.message ?? "")")
        #expect(wrong?.message.contains("args[1]") == true, "\(wrong?.message ?? "")")
        let range = await #expect(throws: RemoteError.self) { try await remote.echoInt8(300) }
        #expect(range?.name == "TypeError")
        let unfit = await #expect(throws: RemoteError.self) { try await remote.echoSample(["title": "x"]) }
        #expect(unfit?.name == "TypeError")
        for name in ["_private", "__init__", "run", ""] {
          let hidden = await #expect(throws: RemoteError.self) { try await remote[name]() }
          #expect(hidden?.name == "NameError")
        }
        try await expectWorks(harness.client)
      }
    }

    @Test func resultThatCannotBeSent() async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RemoteError.self) { try await harness.specimen.unsendable() }
        #expect(error?.name == "TypeError")
        #expect(error?.message.contains("unsendable") == true, "\(error?.message ?? "")")
        try await expectWorks(harness.client)
      }
    }

    /// The reference's bug (b): a client-side serialisation error leaks the channel.
    @Test func argumentThatCannotBeSent() async throws {
      try await withHarness { harness in
        for _ in 0..<100 {
          let error = await #expect(throws: RPCError.self) { try await harness.client.remote.echoValue([1: "one"]) }
          #expect(error?.code == .invalidArgument)
        }
        #expect(harness.client.openCalls == 0)
        try await expectWorks(harness.client)
      }
    }

    @Test func resultOfAnotherType() async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RPCError.self) {
          let _: Int = try await harness.client.remote.echoString("x")
        }
        #expect(error?.code == .invalidResult)
        let item = await #expect(throws: RPCError.self) {
          let stream: RPCStream<String> = try await harness.client.remote.count.stream(3)
          _ = try await collect(stream)
        }
        #expect(item?.code == .invalidResult)
        try await expectWorks(harness.client)
      }
    }

    @Test func valueAskedForAsStreamAndTheReverse() async throws {
      try await withHarness { harness in
        let asValue = await #expect(throws: RPCError.self) { try await harness.client.remote.count(3) }
        #expect(asValue?.code == .protocolViolation)
        let asStream = await #expect(throws: RPCError.self) {
          let stream: RPCStream<Int> = try await harness.client.remote.add.stream(1, 2)
          _ = try await collect(stream)
        }
        #expect(asStream?.code == .protocolViolation)
        try await expectWorks(harness.client)
      }
    }

    /// The reference's bug (f): the call that finds its queue full blocks for ever, whatever its time-out.
    @Test(arguments: [Transport.tcp, .ipc])
    func nobodyListens(_ transport: Transport) async throws {
      let endpoint = transport == .tcp ? "tcp://127.0.0.1:\(try freePort())" : "ipc://@\(UUID().uuidString)"
      try await within(.seconds(60), "1,500 calls to nobody") {
        try await withRPCClient(connectingTo: endpoint) { client in
          let specimen = SpecimenClient(client).with { $0.timeout = .milliseconds(200) }
          // Some one after the other, most at once.
          for _ in 0..<5 { await expectTimeout(specimen, endpoint) }
          await withTaskGroup(of: Void.self) { group in
            for _ in 0..<1_495 { group.addTask { await expectTimeout(specimen, endpoint) } }
          }
          #expect(client.openCalls == 0)
          #expect(client.queuedEvents == 0)
        }
      }
    }

    @Test func callsToNobodyArriveWhenSomebodyComes() async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      try await withRPCClient(connectingTo: endpoint) { client in
        let specimen = SpecimenClient(client)
        let sums = (0..<2_000).map { number in Task { try await specimen.add(number, 1) } }
        try await eventually("the calls to be open") { client.openCalls == 2_000 }
        try await withServer(at: endpoint) { _, _ in
          for (number, sum) in sums.enumerated() { #expect(try await sum.value == number + 1) }
          try await expectNothingOpen(client)
          #expect(client.queuedEvents == 0)
        }
      }
    }

    @Test func endpoints() async throws {
      try await withServer { _, endpoint in
        let server = RPCServer(services: [SpecimenService(Journal())])
        let taken = await #expect(throws: RPCError.self) { try await server.bind(endpoint) }
        #expect(taken?.code == .addressInUse)
        #expect(taken?.message.contains(endpoint) == true)
        // The same server can still be used.
        let other = try await server.bind("tcp://127.0.0.1:*")
        let running = Task { try await server.run() }
        try await withRPCClient(connectingTo: other) { try await expectWorks($0) }
        running.cancel()
        try await running.value
      }
    }

    @Test(arguments: ["", "tcp", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:99999", "bogus://x", "127.0.0.1:1"])
    func malformedEndpoints(_ endpoint: String) async throws {
      let server = RPCServer(services: [SpecimenService(Journal())])
      let binding = await #expect(throws: RPCError.self) { try await server.bind(endpoint) }
      #expect(binding?.code == .invalidEndpoint, "\(endpoint)")
      #expect(binding?.message.contains("'\(endpoint)'") == true)
      let connecting = #expect(throws: RPCError.self) { _ = try RPCClient(connectingTo: endpoint) }
      #expect(connecting?.code == .invalidEndpoint, "\(endpoint)")
    }

    @Test func afterClose() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let open = Task { try await specimen.wait("w") }
        let stream = try await specimen.endless("e")
        try await harness.journal.wait(for: "w started")
        harness.client.close()
        let ended = await #expect(throws: RPCError.self) { try await open.value }
        #expect(ended?.code == .closed)
        let streamed = await #expect(throws: RPCError.self) { _ = try await collect(stream) }
        #expect(streamed?.code == .closed)
        let late = await #expect(throws: RPCError.self) { try await specimen.add(1, 2) }
        #expect(late?.code == .closed)
        let connecting = #expect(throws: RPCError.self) { try harness.client.connect(harness.endpoint) }
        #expect(connecting?.code == .closed)
        harness.client.close()
        // The server is told.
        try await harness.journal.wait(for: "w cancelled")
        try await harness.journal.wait(for: "e ended")
      }
    }

    @Test func withoutEndpoint() async throws {
      let client = RPCClient()
      let error = await #expect(throws: RPCError.self) { try await client.remote.add(1, 2) }
      #expect(error?.code == .closed)
    }

    @Test func serverOfTwoMethodsWithOneName() async throws {
      let server = RPCServer(services: [SpecimenService(Journal()), SpecimenService(Journal())])
      let error = await #expect(throws: RPCError.self) { try await server.bind("tcp://127.0.0.1:*") }
      #expect(error?.code == .invalidConfiguration)
      #expect(error?.message.contains("add") == true)
    }

    @Test func serverRunsOnce() async throws {
      let server = RPCServer(services: [SpecimenService(Journal())])
      try await server.bind("tcp://127.0.0.1:*")
      let running = Task { try await server.run() }
      running.cancel()
      try await running.value
      let again = await #expect(throws: RPCError.self) { try await server.run() }
      #expect(again?.code == .closed)
      await #expect(throws: RPCError.self) { try await server.bind("tcp://127.0.0.1:*") }
    }
  }
}

private func expectTimeout(_ specimen: SpecimenClient, _ endpoint: String) async {
  let error = await #expect(throws: RPCError.self) { try await specimen.add(1, 2) }
  #expect(error?.code == .timeout)
  #expect(error?.message.contains(endpoint) == true)
}
