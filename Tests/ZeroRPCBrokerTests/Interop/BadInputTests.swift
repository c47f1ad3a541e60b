import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC
import ZeroRPCBroker

extension BrokerInterop {
  /// What no polite peer sends, on each port of a broker: a counted drop or an error, and everything else goes on.
  @Suite struct BadInputTests {
    private func port(of endpoint: String) throws -> Int {
      try #require(endpoint.split(separator: ":").last.flatMap { Int($0) })
    }

    @Test func strangersOnEveryPort() async throws {
      try await withServer { _, endpoint in
        try await withBroker(backends: [endpoint]) { broker, frontend in
          let ports = [
            frontend, try await broker.bindBackend(Transport.tcp.endpoint),
            try await broker.bindControl(Transport.tcp.endpoint),
          ]
          try await withRPCClient(connectingTo: frontend) { client in
            var generator = SeededGenerator(seed: 7)
            let random = (0..<4_096).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
            var connections: [PlainConnection] = []
            for port in try ports.map(port(of:)) {
              for bytes in [Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), random, greeting, [0xFF], [0]] {
                connections.append(try PlainConnection(port: port, sending: bytes))
              }
            }
            try await makeCalls(100, atOnce: 4, client)
            connections = []
            try await makeCalls(100, atOnce: 4, client)
            #expect(broker.statistics.workers.count == 1)
          }
        }
      }
    }

    @Test func brokenEventsAreDroppedAndCounted() async throws {
      try await withServer { _, endpoint in
        try await withBroker(backends: [endpoint]) { broker, frontend in
          try await expectWorkers(1, broker)
          let raw = try RawSocket(.dealer, connecting: frontend)
          defer { raw.close() }
          let good = try RawEvent.request("add", [1, 2], id: .string("good"))
          let broken: [[UInt8]] = [
            [], [0xC1], Array("GET / HTTP/1.1".utf8), [0x93], [0x93, 0x80], [0x93, 0x81, 0xA1],
            Array(good.dropLast(20)),
            try RawEvent.pack(header: .nil, "add", []), try RawEvent.pack(header: .map([:]), "add", []),
            [0x93, 0x81, 0x01, 0xA3] + Array("one".utf8) + [0xA3] + Array("add".utf8) + [0x90],
            try RawEvent.pack(header: [1, 2], "add", []),
            try RawEvent.request(7, [], id: .string("x")), try RawEvent.request("_zpc_hb", [0], id: .string("x")),
            [0x93, 0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 0xA1], [0x93, 0x81, 0xDB, 0xFF, 0xFF, 0xFF, 0xFF, 0x61],
          ]
          for payload in broken { try raw.send([[], payload]) }
          try raw.send([broken[2]])
          try raw.send(Array(repeating: [1], count: 100) + [good])
          // What belongs to no channel is another matter.
          try raw.send([[], RawEvent.reply("_zpc_more", [1], to: .string("unknown"))])
          // Neither the delimiter nor its emptiness is insisted on, as the reference does not.
          for (number, envelope) in [[[]], [], [Array("x".utf8)], [Array("hop".utf8), []]].enumerated() {
            try raw.send(envelope + [RawEvent.request("add", [1, 2], id: .int(Int64(number)))])
            let answer = try await raw.event()
            #expect(answer.name == "OK")
            #expect(answer.arguments == [3])
            #expect(answer["response_to"] == .int(Int64(number)))
            #expect(answer.envelope == (envelope.count == 2 ? [Array("hop".utf8), []] : [[]]))
          }
          #expect(broker.statistics.drops == ["malformed": UInt64(broken.count + 2), "noChannel": 1])
          #expect(broker.statistics.done == 4)
        }
      }
    }

    /// A worker that sends rubbish, requests of its own and answers to calls that it was not given.
    @Test func aWorkerThatSendsRubbish() async throws {
      let worker = try RawSocket(.router, binding: Transport.tcp.endpoint)
      defer { worker.close() }
      try await withBroker(backends: [worker.endpoint], { $0.probeInterval = nil }) { broker, frontend in
        try await expectWorkers(1, broker)
        try await withRPCClient(connectingTo: frontend) { client in
          async let answer: Int = client.remote.add(1, 2)
          let request = try await worker.event()
          let id = try #require(request["message_id"])
          let envelope = request.envelope
          for payload in [
            [], [0xC1], try RawEvent.request("add", [1, 2], id: .string("x")),
            try RawEvent.reply("OK", [4], to: .string("another")),
          ] {
            try worker.send(envelope + [payload])
          }
          // Another client's call, which this worker was not given.
          try worker.send([envelope[0], [0, 1, 2, 3, 4], [], RawEvent.reply("OK", [4], to: id)])
          try worker.send([envelope[0], [], RawEvent.reply("OK", [4], to: .string("no probe"))])
          try worker.send([envelope[0], [1, 2, 3]])
          try worker.send(envelope + [RawEvent.reply("OK", [3], to: id)])
          #expect(try await answer == 3)
          try worker.send(envelope + [RawEvent.reply("OK", [3], to: id)])
          try await eventually("everything to be counted") { broker.statistics.drops["noChannel"] == 3 }
          #expect(broker.statistics.drops == ["malformed": 3, "fromWorker": 2, "noChannel": 3])
        }
      }
    }

    @Test func nonsenseOnTheControlEndpoint() async throws {
      try await withServer { _, endpoint in
        try await withBroker(backends: [endpoint]) { broker, frontend in
          try await expectWorkers(1, broker)
          let control = try await broker.bindControl(Transport.tcp.endpoint)
          try await withRPCClient(connectingTo: frontend) { client in try await makeCalls(10, atOnce: 1, client) }
          let request = try ZMQSocket(.request)
          try request.connect(control)
          for nonsense in ["", "TERMINATE", "statistics", String(repeating: "x", count: 100_000)] {
            try await request.send(ZMQMessage(parts: [Array(nonsense.utf8)]), timeout: .seconds(10))
            let answer = try await request.receive(timeout: .seconds(10))
            #expect(answer.strings == ["ERROR: unknown command; send STATISTICS or REPORT"])
          }
          let raw = try RawSocket(.dealer, connecting: control)
          defer { raw.close() }
          try raw.send(Array(repeating: [0xC1], count: 100))
          try raw.send([RawEvent.request("add", [1, 2], id: 7)])
          // As libzmq's proxy answers: messages and bytes, of each direction at each side.
          try await request.send(["STATISTICS"], timeout: .seconds(10))
          let numbers = try await request.receive(timeout: .seconds(10)).parts.map { part in
            part.withUnsafeBytes { $0.count == 8 ? $0.loadUnaligned(as: UInt64.self) : 0 }
          }
          #expect(numbers.count == 8)
          #expect([0, 2, 6].map { numbers[$0] } == [10, 10, 10])
          try await request.send(["REPORT"], timeout: .seconds(10))
          let report = try MessagePackValue(parsing: try await request.receive(timeout: .seconds(10)).parts[0])
          #expect(report["done"] == 10)
          #expect(report["workers"]?.arrayValue?.first?["state"] == "up")
          await #expect(throws: RPCError.self) { try await broker.bindControl("tcp://127.0.0.1:70000") }
        }
      }
    }

    @Test func badEndpoints() async throws {
      let broker = try RPCBroker()
      for endpoint in ["", "nonsense", "tcp://127.0.0.1:99999", "carrier-pigeon://x"] {
        let front = await #expect(throws: RPCError.self) { try await broker.bindFrontend(endpoint) }
        #expect(front?.message.contains("'\(endpoint)'") == true)
        #expect(throws: RPCError.self) { try broker.connectBackend(endpoint) }
        await #expect(throws: RPCError.self) { try await broker.bindBackend(endpoint) }
      }
      #expect(broker.statistics.workers.isEmpty)
      let real = try await broker.bindFrontend("tcp://127.0.0.1:*")
      let error = await #expect(throws: RPCError.self) { try await RPCBroker().bindFrontend(real) }
      #expect(error?.code == .addressInUse)
    }
  }
}
