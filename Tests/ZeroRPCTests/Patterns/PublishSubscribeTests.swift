import Logging
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Publishers and subscribers of Swift, and topics over bare sockets.
  @Suite(.timeLimit(.minutes(1))) struct PublishSubscribeTests {
    @Test(arguments: Transport.allCases)
    func everySubscriberGetsEverythingInOrder(_ transport: Transport) async throws {
      let ledgers = [LedgerService(), LedgerService()]
      let publisher = RPCPublisher()
      let endpoint = try publisher.bind(transport.endpoint)
      try await withSubscriber(ledgers[0], connectingTo: endpoint) {
        try await withSubscriber(ledgers[1], connectingTo: endpoint) {
          try await publisher.waitForSubscribers(2)
          #expect(publisher.subscribers == 2)
          let stub = LedgerPublisher(publisher)
          for number in 0..<500 { try stub.record("\(number)") }
          try publisher.remote.record("dynamic")
          try publisher.remote["record"]("named")
          let expected = (0..<500).map { "\($0)" } + ["dynamic", "named"]
          for ledger in ledgers { #expect(try await entries(expected.count, of: ledger) == expected) }
        }
      }
      try await eventually("the subscribers to be gone") { publisher.subscribers == 0 }
    }

    @Test func bindingSubscriberAndConnectingPublisher() async throws {
      let ledger = LedgerService()
      let subscriber = RPCSubscriber(ledger)
      let endpoint = try await subscriber.bind("tcp://127.0.0.1:*")
      try await running(subscriber.run) {
        let publishers = try (0..<2).map { _ in try RPCPublisher(connectingTo: endpoint) }
        for publisher in publishers {
          try await publisher.waitForSubscribers(1)
          try LedgerPublisher(publisher).record("x")
        }
        #expect(try await entries(2, of: ledger) == ["x", "x"])
      }
    }

    @Test func publishingNeverWaits() async throws {
      let ledger = LedgerService()
      var configuration = RPCSenderConfiguration()
      configuration.transport.sendHighWaterMark = 10
      let publisher = RPCPublisher(configuration: configuration)
      let stub = LedgerPublisher(publisher)
      let endpoint = try publisher.bind(Transport.inproc.endpoint)
      for _ in 0..<1_000 { try stub.tick() }  // nobody is there
      try await withSubscriber(ledger, connectingTo: endpoint, { $0.transport.receiveHighWaterMark = 10 }) {
        try await publisher.waitForSubscribers(1)
        try stub.hold("gate")
        try await ledger.journal.wait(for: "gate began")
        for _ in 0..<1_000 { try stub.tick() }  // and now nobody has room
        ledger.journal.release("gate")
        try await eventually("what there was room for") { ledger.ticks == 19 }
        // Once ZeroMQ has noticed that there is room again.
        try await eventually("a message to pass") {
          try stub.record("end")
          return !ledger.entries.isEmpty
        }
        #expect(ledger.ticks == 19)
      }
    }

    @Test func waitingForSubscribersThatDoNotComeEnds() async throws {
      let publisher = RPCPublisher()
      await #expect(throws: RPCError.self) { try await publisher.waitForSubscribers(1) }
      try publisher.bind("tcp://127.0.0.1:*")
      let error = await #expect(throws: RPCError.self) {
        try await publisher.waitForSubscribers(1, timeout: .milliseconds(50))
      }
      #expect(error?.code == .timeout)
      let wait = Task { try await publisher.waitForSubscribers(1) }
      wait.cancel()
      await #expect(throws: CancellationError.self) { try await wait.value }
      let other = Task { try await publisher.waitForSubscribers(1) }
      try await Task.sleep(for: .milliseconds(5))
      publisher.close()
      let closed = await #expect(throws: RPCError.self) { try await other.value }
      #expect(closed?.code == .closed)
    }

    @Test func garbageIsSkippedAndLogged() async throws {
      let log = Log()
      let ledger = LedgerService()
      let logger = Logger(label: "test") { _ in LogHandlerToLog(log: log) }
      let raw = try ZMQSocket(.extendedPublish)
      let endpoint = try raw.bind("tcp://127.0.0.1:*")
      try await withSubscriber(ledger, connectingTo: endpoint, { $0.logger = logger }) {
        #expect(try await raw.receive(timeout: .seconds(10)).parts == [[1]])
        for number in 0..<10 {
          try await raw.send(ZMQMessage((0..<number).map { UInt8($0 * 25) }))
          let event = try RawEvent.pack(header: ["message_id": "x", "v": 3], "record", [.string("\(number)")])
          try await raw.send(ZMQMessage(event))
        }
        #expect(try await entries(10, of: ledger) == (0..<10).map { "\($0)" })
        #expect(log.take().filter { $0.contains("malformed message") }.count == 10)
      }
    }

    @Test func topicsOverBareSockets() async throws {
      let publisher = try ZMQSocket(.extendedPublish)
      let endpoint = try publisher.bind("tcp://127.0.0.1:*")
      let subscriber = try ZMQSocket(.subscribe)
      try subscriber.subscribe(to: "weather.".utf8)
      try subscriber.connect(endpoint)
      #expect(try await publisher.receive(timeout: .seconds(10)).parts == [[1] + Array("weather.".utf8)])
      try await publisher.send(["news.berlin", "nothing"])
      try await publisher.send(["weather.berlin", "12"])
      try await publisher.send(["weathe", "r"])
      try await publisher.send(["weather.", "all"])
      #expect(try await subscriber.receive(timeout: .seconds(10)).strings == ["weather.berlin", "12"])
      #expect(try await subscriber.receive(timeout: .seconds(10)).strings == ["weather.", "all"])
      try subscriber.unsubscribe(from: "weather.".utf8)
      #expect(try await publisher.receive(timeout: .seconds(10)).parts == [[0] + Array("weather.".utf8)])
    }
  }
}
