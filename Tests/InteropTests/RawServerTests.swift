import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension RawInterop {
  /// The Swift client against servers that do what no polite peer does.
  @Suite struct RawServerTests {
    /// Runs a bare ROUTER and a client of it. `answer` gets every request, with the way to reply to it.
    private func withRawServer(
      heartbeat: Duration? = nil, timeout: Duration = .seconds(20), passive: Bool = false, window: Int = 100,
      _ body: (RawServer, RPCClient) async throws -> Void
    ) async throws {
      let router = try RawSocket(.router, binding: "tcp://127.0.0.1:*")
      defer { router.close() }
      var configuration = RPCClientConfiguration()
      configuration.heartbeat = heartbeat
      configuration.timeout = timeout
      configuration.passiveHeartbeat = passive
      configuration.streamWindow = window
      try await withRPCClient(connectingTo: router.endpoint, configuration: configuration) { client in
        try await body(RawServer(socket: router), client)
        // It still works with the same client.
        let sum = Task { () -> Int in try await client.remote.add(1, 2) }
        let server = RawServer(socket: router)
        while true {
          let request = try await server.request()
          guard request.event.name == "add", request.event.arguments == [1, 2] else { continue }
          try request.reply("OK", [3])
          break
        }
        let three = try await sum.value
        #expect(three == 3)
        try await expectNothingOpen(client)
      }
    }

    @Test func requestAsTheReferenceWritesIt() async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.echo("x", 1) }
        let request = try await server.request()
        #expect(request.event.envelope.count == 2 && request.event.envelope[1].isEmpty)
        #expect(request.event.name == "echo" && request.event.arguments == ["x", 1])
        #expect(request.event["v"] == 3)
        #expect(request.event["response_to"] == nil)
        guard case .binary(let id)? = request.event["message_id"] else {
          Issue.record("the message_id is not binary")
          return
        }
        #expect(id.count == 32)
        try request.reply("OK", ["y"])
        let result = try await call.value
        #expect(result == "y")
      }
    }

    static let values: [(MessagePackValue, MessagePackValue)] = [
      ([7], 7), ([7, 8], 7), ([nil], nil), ([[1, 2]], [1, 2]),
    ]

    @Test(arguments: values)
    func results(_ arguments: MessagePackValue, _ expected: MessagePackValue) async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        try request.reply("OK", arguments)
        let result = try await call.value
        #expect(result == expected)
      }
    }

    @Test(arguments: [[], nil, 5, "ab"] as [MessagePackValue])
    func resultsThatHoldNoValue(_ arguments: MessagePackValue) async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        try request.reply("OK", arguments)
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .invalidResult)
      }
    }

    @Test func errorsOfEveryDialect() async throws {
      func binary(_ text: String) -> MessagePackValue { .binary(Data(text.utf8)) }
      let dialects: [(MessagePackValue, RemoteError?)] = [
        (["ValueError", "bad", "Traceback"], RemoteError(name: "ValueError", message: "bad", traceback: "Traceback")),
        (["ValueError", "bad", nil], RemoteError(name: "ValueError", message: "bad")),
        (
          [binary("RuntimeError"), "oops é", binary("tb")],
          RemoteError(name: "RuntimeError", message: "oops é", traceback: "tb")
        ),
        (["ValueError('bad')"], nil), ([], nil), (nil, nil), ([1, 2, 3, 4], nil),
        (["a", "b"], RemoteError(name: "a", message: "b")),
      ]
      try await withRawServer { server, client in
        for (arguments, expected) in dialects {
          let call = Task { try await client.remote.method() }
          let request = try await server.request()
          try request.reply("ERR", arguments)
          let error = await #expect(throws: RemoteError.self) { try await call.value }
          if let expected { #expect(error == expected) }
        }
      }
    }

    @Test(arguments: ["bogus", "add", "_zpc_bogus"] as [MessagePackValue])
    func unknownAnswers(_ name: MessagePackValue) async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        try request.reply(name, [1])
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .protocolViolation)
      }
    }

    /// Garbage before the answer, answers of dialects, answers twice.
    @Test func garbageAndDuplicates() async throws {
      try await withRawServer { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        for payload in RawClientTests.unanswered { try request.send(payload) }
        for id in ["x", .binary(Data("x".utf8)), 5, [1]] as [MessagePackValue] {
          try request.send(try RawEvent.reply("OK", [9], to: id))
        }
        // The id as another type is another channel: the reference's type rule, on our side too.
        if case .binary(let id)? = request.event["message_id"] {
          try request.send(try RawEvent.reply("OK", [9], to: .string(String(decoding: id, as: UTF8.self))))
        }
        try request.send(try RawEvent.request("method", [], id: "z"))
        for value in 1...3 { try request.reply("OK", [MessagePackValue(value)]) }
        let result = try await call.value
        #expect(result == 1)
      }
    }

    @Test(arguments: [[], [[1]], [[1], []]] as [[[UInt8]]])
    func envelopesOfAnswers(_ delimiter: [[UInt8]]) async throws {
      try await withRawServer { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        let reply = try RawEvent.pack(header: .map(["response_to": request.id]), "OK", [5])
        try server.socket.send([request.event.envelope[0]] + delimiter + [reply])
        let result = try await call.value
        #expect(result == 5)
      }
    }

    @Test func nodeServer() async throws {
      try await withRawServer { server, client in
        let items = Task { () -> [Int] in try await collect(try await client.remote.method.stream()) }
        let request = try await server.request()
        let big = 1 << 40
        for value in [1, 2] as [MessagePackValue] + [.double(Double(big))] {
          try request.reply("STREAM", value, id: "bc0e258a-0a48-446d-8992-000000000000")
        }
        try request.reply("STREAM_DONE", [], id: "bc0e258a-0a48-446d-8992-000000000001")
        let seen = try await items.value
        #expect(seen == [1, 2, big])
      }
    }

    @Test func lateAnswerAfterTimeout() async throws {
      try await withRawServer(timeout: .milliseconds(100)) { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .timeout)
        try request.reply("OK", [1])
      }
    }

    // MARK: Streams

    @Test func grantsAreTheReferences() async throws {
      try await withRawServer { server, client in
        let items = Task { () -> [Int] in try await collect(try await client.remote.method.stream()) }
        let request = try await server.request()
        var (sent, credit) = (0, 1)
        var grants: [MessagePackValue] = []
        while sent < 260 {
          while credit > 0, sent < 260 {
            try request.reply("STREAM", MessagePackValue(sent))
            sent += 1
            credit -= 1
          }
          if sent == 260 { break }
          let more = try await server.request(named: "_zpc_more")
          #expect(more.event["response_to"] == request.id)
          grants.append(more.event.arguments)
          credit += more.event.arguments[0]?.intValue ?? 0
        }
        #expect(grants.first == [100])
        #expect(grants.dropFirst().allSatisfy { $0 == [51] } && grants.count >= 4)
        try request.reply("STREAM_DONE", nil)
        let seen = try await items.value
        #expect(seen == Array(0..<260))
      }
    }

    @Test func noGrantForAValue() async throws {
      try await withRawServer { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        try request.reply("OK", [1])
        _ = try await call.value
        let next = Task { () -> Int in try await client.remote.next() }
        let second = try await server.request()
        #expect(second.event.name == "next")
        try second.reply("OK", [2])
        _ = try await next.value
      }
    }

    /// What ends a stream: its end, an error, and, silently as in the reference, any other name.
    @Test(arguments: ["STREAM_DONE", "ERR", "OK", "bogus"])
    func endsOfStreams(_ name: String) async throws {
      try await withRawServer { server, client in
        let stream = Task { () -> RPCStream<Int> in try await client.remote.method.stream() }
        let request = try await server.request()
        try request.reply("STREAM", 1)
        let items = try await stream.value
        try request.reply(.string(name), ["E", "m", nil])
        try request.reply("STREAM", 2)
        var seen: [Int] = []
        do {
          for try await item in items { seen.append(item) }
          #expect(name != "ERR")
        } catch {
          #expect(name == "ERR" && error is RemoteError)
        }
        #expect(seen == [1])
      }
    }

    @Test func serverThatIgnoresCredit() async throws {
      try await withRawServer(window: 10) { server, client in
        let stream = Task { () -> RPCStream<Int> in try await client.remote.method.stream() }
        let request = try await server.request()
        for number in 0..<1_000 { try request.reply("STREAM", MessagePackValue(number)) }
        let items = try await stream.value
        let error = await #expect(throws: RPCError.self) {
          // It reads nothing until all has arrived: the client must have given up on it by then.
          try await eventually("the call to be ended") { client.openCalls == 0 }
          _ = try await collect(items)
        }
        #expect(error?.code == .protocolViolation)
      }
    }

    // MARK: Heartbeats

    /// A server that streams but sends no heartbeat is lost: liveness is refreshed by heartbeats only.
    @Test(arguments: [false, true])
    func muteServerIsLost(streams: Bool) async throws {
      try await withRawServer(heartbeat: .milliseconds(300)) { server, client in
        let clock = ContinuousClock()
        let start = clock.now
        let call = Task { _ = try await collect(try await client.remote.method.stream() as RPCStream<Int>) }
        let request = try await server.request()
        while client.openCalls > 0, clock.now - start < .seconds(10) {
          if streams { try request.reply("STREAM", 1) }
          try await Task.sleep(for: .milliseconds(100))
        }
        let elapsed = clock.now - start
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .lostPeer)
        #expect(elapsed > .milliseconds(600) && elapsed < .milliseconds(2_400), "lost after \(elapsed)")
      }
    }

    @Test func passiveClientWaitsForTheFirstHeartbeat() async throws {
      try await withRawServer(heartbeat: .milliseconds(100), passive: true) { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        try await Task.sleep(for: .milliseconds(800))
        #expect(client.openCalls == 1)
        try request.reply("_zpc_hb", [0])
        let heartbeat = try await server.request(named: "_zpc_hb")
        #expect(heartbeat.event["response_to"] == request.id && heartbeat.event.arguments == [0])
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .lostPeer)
      }
    }

    @Test func clientWithoutHeartbeatWaitsForItsTimeout() async throws {
      try await withRawServer(timeout: .milliseconds(700)) { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        _ = try await server.request()
        let error = await #expect(throws: RPCError.self) { try await call.value }
        #expect(error?.code == .timeout)
      }
    }
  }
}

/// A bare ROUTER that takes requests.
struct RawServer: Sendable {
  let socket: RawSocket

  /// Waits for the next event that opens a channel, or that has the given name.
  func request(named name: String? = nil) async throws -> RawRequest {
    while true {
      let event = try await socket.event()
      if let name {
        if event.name == .string(name) { return RawRequest(socket: socket, event: event) }
      } else if event["response_to"] == nil {
        return RawRequest(socket: socket, event: event)
      }
    }
  }
}

/// A request that a raw server got.
struct RawRequest: Sendable {
  let socket: RawSocket
  let event: RawEvent

  var id: MessagePackValue { event["message_id"] ?? nil }

  func send(_ payload: [UInt8]) throws { try socket.send([event.envelope[0], [], payload]) }

  func reply(_ name: MessagePackValue, _ arguments: MessagePackValue, id: MessagePackValue = "reply-id") throws {
    try send(try RawEvent.reply(name, arguments, to: self.id, id: id))
  }
}
