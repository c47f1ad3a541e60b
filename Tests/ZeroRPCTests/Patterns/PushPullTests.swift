import Logging
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Pushers and pullers of Swift, over every transport and with either side bound.
  @Suite(.timeLimit(.minutes(1))) struct PushPullTests {
    @Test(arguments: Transport.allCases)
    func pushesArriveInOrder(_ transport: Transport) async throws {
      let ledger = LedgerService()
      try await withPuller(ledger, at: transport.endpoint) { _, endpoint in
        let pusher = try RPCPusher(connectingTo: endpoint)
        let stub = LedgerPusher(pusher)
        for number in 0..<2_000 { try await stub.record("\(number)") }
        try await stub.add(number: 1, to: "a")
        try await pusher.remote.record("dynamic")
        try await pusher.remote["record"]("named")
        let expected = (0..<2_000).map { "\($0)" } + ["a=1", "dynamic", "named"]
        #expect(try await entries(expected.count, of: ledger) == expected)
      }
    }

    @Test func bindingPusherAndConnectingPuller() async throws {
      let ledger = LedgerService()
      let pusher = RPCPusher()
      let endpoints = [try pusher.bind("tcp://127.0.0.1:*"), try pusher.bind("ipc://*")]
      #expect(pusher.endpoints == endpoints)
      for (number, endpoint) in endpoints.enumerated() {
        try await withPuller(ledger, at: endpoint, connecting: true) { _, _ in
          try await LedgerPusher(pusher).record("\(number)")
          try await entries(number + 1, of: ledger)
        }
        // Until ZeroMQ has noticed that it is gone, it would be given the next one too.
        try await eventually("the consumer to be gone") { pusher.consumers == 0 }
      }
      #expect(ledger.entries == ["0", "1"])
    }

    @Test func aPushWaitsForAConsumer() async throws {
      let ledger = LedgerService()
      let pusher = RPCPusher()
      let endpoint = try pusher.bind("tcp://127.0.0.1:*")
      let stub = LedgerPusher(pusher)
      let pushes = Task { for number in 0..<3 { try await stub.record("\(number)") } }
      try await withPuller(ledger, at: endpoint, connecting: true) { _, _ in
        try await pushes.value
        #expect(try await entries(3, of: ledger) == ["0", "1", "2"])
      }
    }

    @Test func aPushWithoutConsumerEndsAtItsDeadline() async throws {
      let pusher = RPCPusher()
      let endpoint = try pusher.bind("tcp://127.0.0.1:*")
      let stub = LedgerPusher(pusher).with { $0.timeout = .milliseconds(50) }
      let error = await #expect(throws: RPCError.self) { try await stub.record("x") }
      #expect(error?.code == .timeout)
      #expect(error?.message.contains("push 'record'") == true && error?.message.contains(endpoint) == true)
      let outer = await #expect(throws: RPCError.self) {
        try await withRPCTimeout(.milliseconds(50)) { try await LedgerPusher(pusher).record("x") }
      }
      #expect(outer?.code == .timeout)
    }

    @Test func aPushThatWaitsCanBeCancelled() async throws {
      let pusher = RPCPusher()
      try pusher.bind("tcp://127.0.0.1:*")
      let push = Task { try await LedgerPusher(pusher).tick() }
      push.cancel()
      await #expect(throws: CancellationError.self) { try await push.value }
      let another = Task { try await LedgerPusher(pusher).tick() }
      try await Task.sleep(for: .milliseconds(5))
      pusher.close()
      let error = await #expect(throws: RPCError.self) { try await another.value }
      #expect(error?.code == .closed)
    }

    @Test func aPusherWithoutEndpointSaysSo() async throws {
      let error = await #expect(throws: RPCError.self) { try await LedgerPusher(RPCPusher()).tick() }
      #expect(error?.code == .closed && error?.message.contains("bind or connect it first") == true)
      #expect(throws: RPCError.self) { try RPCPusher(connectingTo: "nonsense") }
      #expect(throws: RPCError.self) { try RPCPusher().disconnect("tcp://127.0.0.1:1") }
    }

    @Test func aFullConsumerHoldsThePusherBack() async throws {
      let ledger = LedgerService()
      let inside = Transport.inproc.endpoint
      try await withPuller(ledger, at: inside, { $0.transport.receiveHighWaterMark = 10 }) { _, endpoint in
        var configuration = RPCSenderConfiguration()
        configuration.transport.sendHighWaterMark = 10
        let pusher = try RPCPusher(connectingTo: endpoint, configuration: configuration)
        let stub = LedgerPusher(pusher)
        try await stub.hold("gate")
        try await ledger.journal.wait(for: "gate began")
        var taken = 0
        while taken < 1_000 {
          do {
            try await stub.with { $0.timeout = .milliseconds(100) }.tick()
            taken += 1
          } catch let error as RPCError where error.code == .timeout { break }
        }
        // inproc adds the two marks, and ZeroMQ gives back room only after some more messages were read.
        #expect(taken == 19)
        let waiting = Task { try await stub.tick() }
        ledger.journal.release("gate")
        try await waiting.value
        try await eventually("all ticks") { ledger.ticks == 20 }
      }
    }

    @Test func consumersShareEvenlyAndOneThatJoinsToo() async throws {
      let ledgers = (0..<3).map { _ in LedgerService() }
      let pusher = RPCPusher()
      let endpoint = try pusher.bind("tcp://127.0.0.1:*")
      let stub = LedgerPusher(pusher)
      try await withPuller(ledgers[0], at: endpoint, connecting: true) { _, _ in
        try await withPuller(ledgers[1], at: endpoint, connecting: true) { _, _ in
          try await pusher.waitForConsumers(2)
          for _ in 0..<1_000 { try await stub.tick() }
          try await eventually("the first thousand") { ledgers.reduce(0) { $0 + $1.ticks } == 1_000 }
          #expect(ledgers.map(\.ticks) == [500, 500, 0])
          try await withPuller(ledgers[2], at: endpoint, connecting: true) { _, _ in
            try await pusher.waitForConsumers(3)
            for _ in 0..<300 { try await stub.tick() }
            try await eventually("three hundred more") { ledgers.reduce(0) { $0 + $1.ticks } == 1_300 }
            #expect(ledgers.map(\.ticks) == [600, 600, 100])
          }
        }
      }
    }

    @Test func waitingForConsumersThatDoNotComeEnds() async throws {
      let pusher = RPCPusher()
      let endpoint = try pusher.bind("tcp://127.0.0.1:*")
      try await withPuller(LedgerService(), at: endpoint, connecting: true) { _, _ in
        try await pusher.waitForConsumers(1)
        let error = await #expect(throws: RPCError.self) {
          try await pusher.waitForConsumers(2, timeout: .milliseconds(50))
        }
        #expect(error?.code == .timeout && error?.message.contains("there are 1") == true)
      }
      // One that has gone does not count.
      try await eventually("the consumer to be gone") { pusher.consumers == 0 }
    }

    @Test func garbageIsSkippedAndLogged() async throws {
      let log = Log()
      let ledger = LedgerService()
      let logger = Logger(label: "test") { _ in LogHandlerToLog(log: log) }
      try await withPuller(ledger, { $0.logger = logger }) { _, endpoint in
        let raw = try RawSocket(.push, connecting: endpoint)
        defer { raw.close() }
        let header: MessagePackValue = ["message_id": "x", "v": 3]
        let garbage: [[[UInt8]]] = [
          [[]], [[0xC1]], [Array("GET / HTTP/1.1\r\n".utf8)], [[0x93, 0x80]], [[0xFF, 0xFF], []],
          [try RawEvent.pack(header: .nil, "record", ["no header"])],
          [try RawEvent.pack(header: header, 5, ["no name"])],
          [try RawEvent.pack(header: header, "record", "no list")],
          [try RawEvent.pack(header: header, "record", [])],
          [try RawEvent.pack(header: header, "record", [1])],
          [try RawEvent.pack(header: header, "missing", ["x"])],
          [try RawEvent.pack(header: header, "_zpc_hb", [0])],
          [try RawEvent.pack(header: header, "refuse", ["because"])],
        ]
        for (number, message) in garbage.enumerated() {
          try raw.send(message)
          try raw.send([try RawEvent.pack(header: header, "record", [.string("\(number)")])])
        }
        // The last frame counts, whatever stands before it.
        try raw.send([Array("topic".utf8), try RawEvent.pack(header: header, "record", ["framed"])])
        try await entries(garbage.count + 2, of: ledger)
        #expect(ledger.entries.filter { $0 != "refused" } == garbage.indices.map { "\($0)" } + ["framed"])
        let lines = log.take().filter { !$0.hasPrefix("event") }
        #expect(lines.count == garbage.count)
        #expect(lines.contains { $0.contains("unknown method") && $0.contains("missing") })
        #expect(lines.contains { $0.contains("handler failed") && $0.contains("because") })
      }
    }

    @Test func resultsAndStreamsOfPushedCallsAreDropped() async throws {
      let ledger = LedgerService()
      try await withPuller(ledger) { _, endpoint in
        let pusher = try RPCPusher(connectingTo: endpoint)
        try await pusher.remote.count()
        try await pusher.remote.numbers(5)
        try await pusher.remote.record("after")
        #expect(try await entries(1, of: ledger) == ["after"])
        #expect(ledger.journal.count("numbers") == 0)
      }
    }

    @Test func handlersRunAsConcurrentlyAsConfigured() async throws {
      let ledger = LedgerService()
      try await withPuller(ledger, { $0.concurrency = 3 }) { _, endpoint in
        let stub = LedgerPusher(try RPCPusher(connectingTo: endpoint))
        for number in 0..<4 { try await stub.hold("h\(number)") }
        for number in 0..<3 { try await ledger.journal.wait(for: "h\(number) began") }
        // The fourth waits until one has ended.
        #expect(ledger.journal.count("h3 began") == 0)
        ledger.journal.release("h1")
        try await ledger.journal.wait(for: "h3 began")
        for number in 0..<4 { ledger.journal.release("h\(number)") }
        for number in 0..<4 { try await ledger.journal.wait(for: "h\(number) ended") }
      }
    }

    @Test func anActorLosesNothing() async throws {
      let tally = Tally()
      try await withPuller(tally, { $0.concurrency = 16 }) { _, endpoint in
        let pusher = try RPCPusher(connectingTo: endpoint)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<1_000 { group.addTask { try await pusher.remote.increment() } }
          try await group.waitForAll()
        }
        try await eventually("a thousand increments") { await tally.count == 1_000 }
      }
    }

    @Test func shutdownWaitsForHandlersAndCancellationDoesNot() async throws {
      for isGraceful in [true, false] {
        let ledger = LedgerService()
        let puller = Puller(ledger)
        let endpoint = try await puller.bind("tcp://127.0.0.1:*")
        let run = Task { try await puller.run() }
        let stub = LedgerPusher(try RPCPusher(connectingTo: endpoint))
        try await stub.hold("h")
        try await ledger.journal.wait(for: "h began")
        if isGraceful {
          puller.beginGracefulShutdown()
          ledger.journal.release("h")
        } else {
          run.cancel()
        }
        try await run.value
        #expect(ledger.journal.count(isGraceful ? "h ended" : "h cancelled") == 1)
        await #expect(throws: RPCError.self) { try await puller.run() }
        // Its port is free again.
        let successor = Puller(ledger)
        #expect(try await successor.bind(endpoint) == endpoint)
      }
    }

    @Test func graceEndsHandlersThatTakeTooLong() async throws {
      let ledger = LedgerService()
      var configuration = RPCReceiverConfiguration()
      configuration.shutdownGrace = .milliseconds(50)
      let puller = Puller(ledger, configuration: configuration)
      let endpoint = try await puller.bind("tcp://127.0.0.1:*")
      let run = Task { try await puller.run() }
      try await LedgerPusher(try RPCPusher(connectingTo: endpoint)).hold("h")
      try await ledger.journal.wait(for: "h began")
      puller.beginGracefulShutdown()
      try await run.value
      #expect(ledger.journal.count("h cancelled") == 1)
    }

    @Test func headersBecomeTheTaskContext() async throws {
      let teller = ContextTeller()
      let interceptor = Counting()
      try await withPuller(teller, { $0.interceptors = [interceptor] }) { _, endpoint in
        let pusher = try RPCPusher(connectingTo: endpoint)
        try await withRPCHeaders(["trace_id": "abc"]) { try await pusher.remote.tell("inherited") }
        try await pusher.remote.with { $0.headers = ["trace_id": "own"] }.tell("own")
        try await pusher.remote.tell("none")
        try await teller.journal.wait(for: "inherited abc")
        try await teller.journal.wait(for: "own own")
        try await teller.journal.wait(for: "none -")
        try await eventually("the interceptor to return") { interceptor.journal.count("tell after") == 3 }
      }
    }

    @Test func twoMethodsOfOneNameAreRefused() async throws {
      let puller = Puller(services: [LedgerService(), LedgerService()])
      let error = await #expect(throws: RPCError.self) { try await puller.bind("tcp://127.0.0.1:*") }
      #expect(error?.code == .invalidConfiguration)
    }

    @Test func largeMessagesArrive() async throws {
      let ledger = LedgerService()
      try await withPuller(ledger) { _, endpoint in
        let stub = LedgerPusher(try RPCPusher(connectingTo: endpoint))
        let texts = [32 * 1024, 1 << 20, 33, 8 << 20].map { String(repeating: "x", count: $0) }
        for text in texts { try await stub.record(text) }
        #expect(try await entries(texts.count, of: ledger) == texts)
      }
    }

    @Test func manyPushersWaitAtOnce() async throws {
      let ledger = LedgerService()
      try await withPuller(ledger, { $0.transport.receiveHighWaterMark = 1 }) { _, endpoint in
        var configuration = RPCSenderConfiguration()
        configuration.transport.sendHighWaterMark = 1
        let stub = LedgerPusher(try RPCPusher(connectingTo: endpoint, configuration: configuration))
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<64 { group.addTask { for _ in 0..<200 { try await stub.tick() } } }
          try await group.waitForAll()
        }
        try await eventually("all ticks") { ledger.ticks == 64 * 200 }
      }
    }
  }
}

/// Counts calls: an actor as a service, whose definition is written by hand.
actor Tally: RPCService {
  private(set) var count = 0

  func increment() async {
    let before = count
    count = before + 1
  }

  nonisolated var zeroRPCGenerated: RPCServiceDefinition {
    RPCServiceDefinition(
      name: "Tally",
      methods: [
        RPCMethodDefinition("increment") { call in
          try call.arguments(count: 0) { _ in }
          await self.increment()
          try call.reply()
        }
      ])
  }
}

/// Notes what task context its handler has.
struct ContextTeller: RPCService {
  let journal = Journal()

  var zeroRPCGenerated: RPCServiceDefinition {
    RPCServiceDefinition(
      name: "ContextTeller",
      methods: [
        RPCMethodDefinition("tell") { call in
          let tag = try call.arguments(count: 1) { try $0.decode(0, as: String.self) }
          journal.note("\(tag) \(RPCTaskContext.current.headers["trace_id"]?.stringValue ?? "-")")
          try call.reply()
        }
      ])
  }
}

/// Notes which calls pass.
struct Counting: RPCServerInterceptor {
  let journal = Journal()

  func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
    try await next(call)
    journal.note("\(call.method) after")
  }
}
