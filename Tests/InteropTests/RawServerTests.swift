import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension RawInterop {
  /// The Swift client against servers that do what no polite peer does.
  @Suite(.swift(.client, with: .raw)) struct RawServerTests {
    /// Runs a bare ROUTER and a client of it. `answer` gets every request, with the way to reply to it.
    func withRawServer(
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

    @Test(.about(.frames)) func requestAsTheReferenceWritesIt() async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.echo("x", 1) }
        let request = try await server.request()
        row(
          "frames of a request at a ROUTER", expected: "identity, empty delimiter, payload",
          seen: request.event.envelope.count == 2 && request.event.envelope[1].isEmpty
            ? "identity, empty delimiter, payload" : "\(request.event.envelope)")
        row("a request", expected: "echo [\"x\", 1]", seen: request.event.summary, area: .events)
        let keys = request.event.header.mapValue?.map { $0.key.stringValue ?? "?" } ?? []
        row("header of a request", expected: ["message_id", "v"], seen: keys, area: .events)
        guard case .binary(let id)? = request.event["message_id"] else {
          Issue.record("the message_id is not binary")
          return
        }
        row(
          "version and id of a request", expected: "3, 32 digits as binary",
          seen:
            "\(request.event["v"] ?? nil), \(id.filter { Character(UnicodeScalar($0)).isHexDigit }.count) digits as binary",
          area: .events)
        try request.reply("OK", ["y"])
        let result = try await call.value
        #expect(result == "y")
      }
    }

    static let values: [(MessagePackValue, MessagePackValue)] = [
      ([7], 7), ([7, 8], 7), ([nil], nil), ([[1, 2]], [1, 2]),
    ]

    @Test(.about(.patterns), arguments: values)
    func results(_ arguments: MessagePackValue, _ expected: MessagePackValue) async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        try request.reply("OK", arguments)
        let result = try await call.value
        row("OK \(arguments)", expected: expected, seen: result)
      }
    }

    @Test(.about(.patterns), arguments: [[], nil, 5, "ab"] as [MessagePackValue])
    func resultsThatHoldNoValue(_ arguments: MessagePackValue) async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        try request.reply("OK", arguments)
        row(
          "OK \(arguments), which holds no value", expected: "invalidResult",
          seen: await outcome { try await call.value },
          reference: "IndexError or TypeError")
      }
    }

    @Test(.about(.errors)) func errorsOfEveryDialect() async throws {
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
          let isPython2 = if case .binary? = arguments[0] { true } else { false }
          let shown = "ERR \(isPython2 ? "of binary name and traceback" : "\(arguments)")"
          if let expected {
            row(
              shown, expected: "\(expected), traceback \(expected.traceback ?? "none")",
              seen: error.map { "\($0), traceback \($0.traceback ?? "none")" } ?? "no RemoteError",
              peer: isPython2 ? .python2 : .raw,
              reference: arguments.arrayValue?.count == 3 ? nil : "ValueError in the client")
          } else {
            row(
              shown, expected: "a RemoteError", seen: error.map { "\($0)" } ?? "no RemoteError", if: error != nil,
              reference: arguments.arrayValue?.count == 1 ? nil : "ValueError or TypeError in the client")
          }
        }
      }
    }

    @Test(.about(.patterns), arguments: ["bogus", "add", "_zpc_bogus"] as [MessagePackValue])
    func unknownAnswers(_ name: MessagePackValue) async throws {
      try await withRawServer { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        try request.reply(name, [1])
        row("first reply \(name)", expected: "protocolViolation", seen: await outcome { try await call.value })
      }
    }

    /// Garbage before the answer, answers of dialects, answers twice.
    @Test(.about(.malformed)) func garbageAndDuplicates() async throws {
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
        row(
          "\(RawClientTests.unanswered.count) malformed events, OK for 4 unknown ids and for the id as str, a request; then OK 3 times",
          expected: 1, seen: await outcome { try await call.value })
        row("calls open after duplicate answers", expected: 0, seen: client.openCalls, area: .channels)
      }
    }

    /// Replies whose header or framing is unusual, but understood.
    @Test(.about(.events)) func unusualReplies() async throws {
      try await withRawServer { server, client in
        let variants: [(String, (MessagePackValue) throws -> [UInt8])] = [
          ("without v", { try RawEvent.reply("OK", [5], to: $0, version: nil) }),
          ("without message_id", { try RawEvent.pack(header: .map(["v": 3, "response_to": $0]), "OK", [5]) }),
          (
            "with response_to first",
            { try RawEvent.pack(header: .map(["response_to": $0, "v": 3, "message_id": "x"]), "OK", [5]) }
          ),
          (
            "with unknown header keys",
            {
              try RawEvent.request("OK", [5], id: "x", extra: [("response_to", $0), ("trace_id", [1, nil]), ("", 1)])
            }
          ),
          ("with extra bytes behind it", { try RawEvent.reply("OK", [5], to: $0) + [0xC0, 0x01] }),
          ("of version 4", { try RawEvent.reply("OK", [5], to: $0, version: 4) }),
          ("whose name is binary", { try RawEvent.reply(.binary(Data("OK".utf8)), [5], to: $0) }),
          (
            "whose header keys are binary",
            {
              try RawEvent.pack(
                header: .map([.binary(Data("response_to".utf8)): $0, .binary(Data("v".utf8)): 3]), "OK", [5])
            }
          ),
        ]
        for (title, reply) in variants {
          let call = Task { () -> Int in try await client.remote.method() }
          let request = try await server.request()
          try request.send(try reply(request.id))
          row(
            "a reply \(title)", expected: 5, seen: await outcome { try await call.value },
            reference: title == "whose name is binary"
              ? "Unable to find a pattern" : title == "whose header keys are binary" ? "KeyError, lost" : nil)
        }
      }
    }

    @Test(.about(.frames), arguments: [[], [[1]], [[1], []]] as [[[UInt8]]])
    func envelopesOfAnswers(_ delimiter: [[UInt8]]) async throws {
      try await withRawServer { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        let reply = try RawEvent.pack(header: .map(["response_to": request.id]), "OK", [5])
        try server.socket.send([request.event.envelope[0]] + delimiter + [reply])
        row(
          "reply with envelope \(delimiter)", expected: 5, seen: await outcome { try await call.value })
      }
    }

    @Test(.about(.patterns), .swift(.client, with: .node)) func nodeServer() async throws {
      try await withRawServer { server, client in
        let items = Task { () -> [Int] in try await collect(try await client.remote.method.stream()) }
        let request = try await server.request()
        let big = 1 << 40
        for value in [1, 2] as [MessagePackValue] + [.double(Double(big))] {
          try request.reply("STREAM", value, id: "bc0e258a-0a48-446d-8992-000000000000")
        }
        try request.reply("STREAM_DONE", [], id: "bc0e258a-0a48-446d-8992-000000000001")
        row(
          "items for string ids, an integer as float64, STREAM_DONE []", expected: [1, 2, big],
          seen: await outcome { try await items.value })
      }
    }

    /// A Node server answers a call of an unknown method with nothing, not even heartbeats.
    @Test(.about(.errors), .swift(.client, with: .node)) func nodeServerThatDoesNotKnowTheMethod() async throws {
      try await withRawServer(heartbeat: .milliseconds(200)) { server, client in
        let call = Task { () -> Int in try await client.remote.nosuch() }
        _ = try await server.request()
        row(
          "an unknown method, to which it does not answer", expected: "lostPeer",
          seen: await outcome { try await call.value })
      }
    }

    /// A Node method that never replies has its heartbeats sent nevertheless.
    @Test(.about(.errors), .swift(.client, with: .node)) func nodeMethodThatNeverReplies() async throws {
      try await withRawServer(heartbeat: .milliseconds(200), timeout: .seconds(1)) { server, client in
        let call = Task { () -> Int in try await client.remote.silent() }
        let request = try await server.request()
        let beating = Task {
          while !Task.isCancelled {
            try request.reply("_zpc_hb", [0])
            try await Task.sleep(for: .milliseconds(200))
          }
        }
        row("a method that never replies", expected: "timeout", seen: await outcome { try await call.value })
        beating.cancel()
      }
    }

    @Test(.about(.introspection), .swift(.client, with: .python2)) func python2Server() async throws {
      func binary(_ text: String) -> MessagePackValue { .binary(Data(text.utf8)) }
      try await withRawServer { server, client in
        let ping = Task { () -> [String] in try await client.remote._zerorpc_ping() }
        try await server.request().reply("OK", [[binary("pong"), binary("S")]])
        row("_zerorpc_ping as binary", expected: ["pong", "S"], seen: await outcome { try await ping.value })
        let inspect = Task { () -> [String: [String: [String: String]]] in try await client.remote._zerorpc_inspect() }
        try await server.request().reply(
          "OK", [.map([binary("methods"): .map([binary("add"): .map([binary("doc"): binary("Adds.")])])])])
        row(
          "a map with binary keys", expected: ["methods": ["add": ["doc": "Adds."]]],
          seen: await outcome { try await inspect.value })
      }
    }

    @Test(.about(.channels)) func lateAnswerAfterTimeout() async throws {
      try await withRawServer(timeout: .milliseconds(100)) { server, client in
        let call = Task { try await client.remote.method() }
        let request = try await server.request()
        let seen = await outcome { try await call.value }
        try request.reply("OK", [1])
        // Whatever comes of it has come before the answer to the next call.
        row(
          "a late OK after a time-out: dropped", expected: "timeout, 0 open", seen: "\(seen), \(client.openCalls) open")
      }
    }

    /// The time-out of a call covers its first reply; a stream may take longer.
    @Test(.about(.patterns)) func timeoutCoversTheFirstReply() async throws {
      try await withRawServer(timeout: .seconds(1)) { server, client in
        let items = Task { () -> [Int] in try await collect(try await client.remote.method.stream()) }
        let request = try await server.request()
        try request.reply("STREAM", 1)
        try await Task.sleep(for: .milliseconds(1_300))
        try request.reply("STREAM", 2)
        try request.reply("STREAM_DONE", nil)
        row(
          "an item after the time-out of the first reply", expected: [1, 2],
          seen: await outcome { try await items.value })
      }
    }

    // MARK: Streams

    @Test(.about(.credit), arguments: [(100, 100, 51), (10, 10, 6)])
    func grantsAreTheReferences(_ window: Int, _ first: Int, _ next: Int) async throws {
      try await withRawServer(window: window) { server, client in
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
        row(
          "grants of a window of \(window)", expected: "[\(first)], then [\(next)] each time",
          seen: Set(grants.dropFirst()).count == 1
            ? "\(grants[0]), then \(grants[1]) each time" : grants.map { "\($0)" }.joined(separator: " "))
        #expect(grants.count >= 4)
        try request.reply("STREAM_DONE", nil)
        let seen = try await items.value
        row("items through it", expected: "260 in order", seen: seen == Array(0..<260) ? "260 in order" : "\(seen)")
      }
    }

    @Test(.about(.credit)) func noGrantForAValue() async throws {
      try await withRawServer { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        try request.reply("OK", [1])
        _ = try await call.value
        let next = Task { () -> Int in try await client.remote.next() }
        let second = try await server.request()
        row(
          "no grant for a call for a value: the next event is the next call", expected: "next []",
          seen: second.event.summary)
        try second.reply("OK", [2])
        _ = try await next.value
      }
    }

    /// What ends a stream: its end, an error, and, silently as in the reference, any other name.
    @Test(.about(.patterns), arguments: ["STREAM_DONE", "ERR", "OK", "bogus"])
    func endsOfStreams(_ name: String) async throws {
      try await withRawServer { server, client in
        let stream = Task { () -> RPCStream<Int> in try await client.remote.method.stream() }
        let request = try await server.request()
        try request.reply("STREAM", 1)
        let items = try await stream.value
        try request.reply(.string(name), ["E", "m", nil])
        try request.reply("STREAM", 2)
        var seen: [Int] = []
        let end = await outcome { for try await item in items { seen.append(item) } }
        row(
          "\(name) inside a stream", expected: name == "ERR" ? "[1], then E: m" : "[1], then nothing",
          seen: "\(seen), then \(end)")
      }
    }

    @Test(.about(.credit)) func serverThatIgnoresCredit() async throws {
      try await withRawServer(window: 10) { server, client in
        let stream = Task { () -> RPCStream<Int> in try await client.remote.method.stream() }
        let request = try await server.request()
        for number in 0..<1_000 { try request.reply("STREAM", MessagePackValue(number)) }
        let items = try await stream.value
        // It reads nothing until all has arrived: the client must have given up on it by then.
        try await eventually("the call to be ended") { client.openCalls == 0 }
        row(
          "1000 items for a window of 10", expected: "protocolViolation",
          seen: await outcome { _ = try await collect(items) },
          reference: "kills the reader with RuntimeError; the caller is lost later")
      }
    }

    // MARK: Heartbeats

    /// A server that streams but sends no heartbeat is lost: liveness is refreshed by heartbeats only.
    @Test(.about(.heartbeats), arguments: [false, true])
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
        let seen = await outcome { try await call.value }
        row(
          "a server that sends no heartbeat\(streams ? ", but items," : "")",
          expected: "lostPeer after 2 to 4 intervals",
          seen: "\(seen) after \(intervals(elapsed, of: .milliseconds(300)))",
          if: seen == "lostPeer" && elapsed > .milliseconds(600) && elapsed < .milliseconds(2_400))
      }
    }

    @Test(.about(.heartbeats)) func passiveClientWaitsForTheFirstHeartbeat() async throws {
      try await withRawServer(heartbeat: .milliseconds(100), passive: true) { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        let request = try await server.request()
        try await Task.sleep(for: .milliseconds(800))
        row("a passive client, 8 silent intervals", expected: "1 open", seen: "\(client.openCalls) open")
        try request.reply("_zpc_hb", [0])
        let heartbeat = try await server.request(named: "_zpc_hb")
        #expect(heartbeat.event["response_to"] == request.id)
        row(
          "a passive client after the server's first heartbeat", expected: "_zpc_hb [0], then lostPeer",
          seen: "\(heartbeat.event.summary), then \(await outcome { try await call.value })")
      }
    }

    @Test(.about(.heartbeats)) func clientWithoutHeartbeatWaitsForItsTimeout() async throws {
      try await withRawServer(timeout: .milliseconds(700)) { server, client in
        let call = Task { () -> Int in try await client.remote.method() }
        _ = try await server.request()
        row("heartbeats off, a silent server", expected: "timeout", seen: await outcome { try await call.value })
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
