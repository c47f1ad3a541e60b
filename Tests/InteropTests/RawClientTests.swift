import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension RawInterop {
  /// The Swift server against clients that do what no polite peer does (PROTOCOL 1.1, 1.2, 1.3, 1.9).
  @Suite(.swift(.server, with: .raw)) struct RawClientTests {
    /// Runs a server and a bare socket that is connected to it; afterwards the server still works.
    private func withRawClient(
      _ type: ZMQSocketType = .dealer, journal: Journal = Journal(), heartbeat: Duration? = nil,
      _ body: (RawSocket, RPCServer) async throws -> Void
    ) async throws {
      try await withServer(journal: journal, { $0.heartbeat = heartbeat }) { server, endpoint in
        let socket = try RawSocket(type, connecting: endpoint)
        defer { socket.close() }
        try await body(socket, server)
        let sum = try await withRPCClient(connectingTo: endpoint) { try await SpecimenClient($0).add(1, 2) }
        #expect(sum == 3)
      }
    }

    private func add(id: MessagePackValue = "i", version: MessagePackValue? = 3) throws -> [UInt8] {
      try RawEvent.request("add", [1, 2], id: id, version: version)
    }

    // MARK: Frames

    @Test(
      .about(.frames),
      arguments: [
        ([], [[]]), ([[]], [[]]), ([[9, 9]], [[]]), ([[1], []], [[1], []]), ([[1], [2, 2], []], [[1], [2, 2], []]),
        ([[], []], [[], []]),
      ] as [([[UInt8]], [[UInt8]])])
    func envelopes(_ sent: [[UInt8]], _ answered: [[UInt8]]) async throws {
      try await withRawClient { socket, _ in
        try socket.send(sent + [try add()])
        let reply = try await socket.event()
        // Always an empty delimiter, and the hops before it come back.
        row(
          "envelope of a request: \(sent.isEmpty ? "no delimiter" : "\(sent)")", expected: "\(answered) OK [3]",
          seen: "\(reply.envelope) \(reply.summary)")
      }
    }

    @Test(.about(.frames)) func hopsOfAStream() async throws {
      try await withRawClient { socket, _ in
        let envelope: [[UInt8]] = [[7], [8, 8], []]
        try socket.send(envelope + [try RawEvent.request("count", [3], id: "s")])
        var seen: [RawEvent] = []
        for number in 0..<4 {
          seen.append(try await socket.event())
          if number == 0 { try socket.send(envelope + [try RawEvent.reply("_zpc_more", [10], to: "s")]) }
        }
        row(
          "hops of a stream come back with every event", expected: Array(repeating: envelope, count: 4),
          seen: seen.map(\.envelope))
        row(
          "a stream's items are bare, its end is nil", expected: "STREAM 0, STREAM 1, STREAM 2, STREAM_DONE nil",
          seen: seen.map(\.summary).joined(separator: ", "), area: .patterns)
        let ids = Set(seen.map { $0["message_id"] })
        row("every event has an id of its own", expected: 4, seen: ids.count, area: .events)
      }
    }

    @Test(.about(.frames)) func requestSocket() async throws {
      try await withRawClient(.request) { socket, _ in
        var replies: [String] = []
        for _ in 0..<3 {
          try socket.send([try add()])
          replies.append(try await socket.event().summary)
        }
        row("client with a REQ socket", expected: ["OK [3]", "OK [3]", "OK [3]"], seen: replies)
      }
    }

    @Test(.about(.channels)) func sameIdFromTwoClients() async throws {
      let journal = Journal()
      try await withServer(journal: journal) { server, endpoint in
        let sockets = try (0..<2).map { _ in try RawSocket(.dealer, connecting: endpoint) }
        for (number, socket) in sockets.enumerated() {
          try socket.send([[], try RawEvent.request("wait", [.string("w\(number)")], id: "same")])
        }
        for number in 0..<2 { try await journal.wait(for: "w\(number) started") }
        row("the same id from two clients is two channels", expected: 2, seen: server.openCalls)
        journal.release("w1")
        let second = try await sockets[1].event()
        #expect(second.name == "OK")
        #expect(sockets[0].receiveNow() == nil)
        journal.release("w0")
        let first = try await sockets[0].event()
        #expect(first.name == "OK")
        for socket in sockets { socket.close() }
      }
    }

    // MARK: Ids and versions

    @Test(
      .about(.events),
      arguments: [
        .string("0123456789abcdef"), .binary(Data("0123456789abcdef".utf8)), .string(""), .binary(Data()), 0, -7,
        5_000_000_000,
        .uint(.max), .double(1.5), true, [1, "a"], .map(["a": 1]), .string(String(repeating: "x", count: 500)),
        .ext(5, Data([1])),
      ] as [MessagePackValue])
    func idsComeBackIdentically(_ id: MessagePackValue) async throws {
      try await withRawClient { socket, _ in
        let request = try add(id: id)
        try socket.send([[], request])
        let reply = try await socket.event()
        let isUnhashable = [.array([1, "a"]), .map(["a": 1])].contains(id)
        row(
          "id \(shortened(id)) comes back with its type", expected: "\(id)".prefix(60),
          seen: "\(reply["response_to"] ?? "no reply")".prefix(60),
          reference: isUnhashable ? "the handler's greenlet dies, no reply" : nil)
        #expect(reply["response_to"] == id)
        #expect(hex(reply.payload).contains(hex(try id.serialized())))
        #expect(reply["v"] == 3)
        #expect(reply["message_id"] != nil && reply["message_id"] != id)
        // The same id may be used again.
        try socket.send([[], request])
        let again = try await socket.event()
        #expect(again["response_to"] == id)
      }
    }

    @Test(.about(.events), arguments: [nil, 1, 2, 3, 4] as [MessagePackValue?])
    func versions(_ version: MessagePackValue?) async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try add(version: version)])
        let reply = try await socket.event()
        let name = version.map { "v \($0)" } ?? "no v"
        row("a request with \(name)", expected: "OK [3]", seen: reply.summary)
        try socket.send([[], try RawEvent.request("fail", ["boom"], id: "f", version: version)])
        let error = try await socket.event()
        // Versions before 2 take one text; from 2 on name, message and traceback.
        let isOld = version == nil || version == 1
        row(
          "an error for a request with \(name)",
          expected: isOld ? "ERR [\"Refusal(boom)\"]" : "ERR [\"Refusal\", \"boom\", nil]", seen: error.summary)
      }
    }

    @Test(.about(.credit)) func heartbeatsOfVersion2AreGrants() async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request("count", [5], id: "s", version: 2)])
        let first = try await socket.event()
        #expect(first.name == "STREAM")
        try socket.send([[], try RawEvent.reply("_zpc_hb", [10], to: "s", version: 2)])
        var names: [MessagePackValue] = []
        while names.last != "STREAM_DONE" { names.append(try await socket.event().name) }
        row(
          "a heartbeat [10] of version 2 grants 10", expected: "5 more events, the last STREAM_DONE",
          seen: "\(names.count) more events, the last \(names.last?.stringValue ?? "?")")
      }
    }

    // MARK: Foreign dialects

    @Test(.about(.events), .swift(.server, with: .node)) func nodeClient() async throws {
      try await withRawClient { socket, _ in
        let id: MessagePackValue = "bc0e258a-0a48-446d-8992-000000000000"
        // Node writes `v` first, integers beyond 32 bits as float64, and integral doubles as integers.
        try socket.send([
          [], try RawEvent.pack(header: .map(["v": 3, "message_id": id]), "add", [.double(1_099_511_627_776), 2]),
        ])
        let sum = try await socket.event()
        #expect(sum["response_to"] == id)
        row("string id, v before the id, integer as float64", expected: "OK [1099511627778]", seen: sum.summary)
        try socket.send([[], try RawEvent.pack(header: .map(["v": 3, "message_id": id]), "divide", [1, 4])])
        let quotient = try await socket.event()
        row("integers where doubles are declared", expected: "OK [0.25]", seen: quotient.summary)
        // Its grants are absolute: 100, then a few at a time.
        try socket.send([[], try RawEvent.request("count", [300], id: id)])
        var items = 0
        while true {
          let event = try await socket.event()
          guard event.name == "STREAM" else { break }
          #expect(event.arguments == MessagePackValue(items))
          if items % 20 == 0 { try socket.send([[], try RawEvent.reply("_zpc_more", [60], to: id)]) }
          items += 1
        }
        row(
          "a stream under absolute grants of 60 at every 20th item", expected: "300 items in order",
          seen: "\(items) items in order", area: .credit)
      }
    }

    @Test(.about(.events), .swift(.server, with: .python2)) func python2Client() async throws {
      try await withRawClient { socket, _ in
        func binary(_ text: String) -> MessagePackValue { .binary(Data(text.utf8)) }
        try socket.send([
          [],
          try RawEvent.pack(
            header: .map([binary("message_id"): binary("id"), binary("v"): 3]), binary("add"), [1, 2]),
        ])
        let reply = try await socket.event()
        row(
          "header keys, id and name as binary", expected: "OK [3] to \(binary("id"))",
          seen: "\(reply.summary) to \(reply["response_to"] ?? nil)",
          reference: "on Python 3: KeyError, no reply")
        try socket.send([[], try RawEvent.request("echoString", [binary("abc")], id: "t")])
        let text = try await socket.event()
        row("text as binary", expected: "OK [\"abc\"]", seen: text.summary)
        try socket.send([[], try RawEvent.request("echoMap", [.map([binary("k"): [1]])], id: "m")])
        let map = try await socket.event()
        row("map keys as binary", expected: "OK [[\"k\": [1.0]]]", seen: map.summary)
      }
    }

    /// Requests of MessagePack's old specification, which has neither binary nor str8: `raw` is what is str16 today.
    @Test(.about(.events), .swift(.server, with: .python2)) func oldSpecification() async throws {
      try await withRawClient { socket, _ in
        let id = "da 00 20" + String(repeating: "61", count: 32)
        try socket.send([[], bytes("93 82 aa 6d 65 73 73 61 67 65 5f 69 64 \(id) a1 76 03 a3 61 64 64 92 01 02")])
        let reply = try await socket.event()
        row(
          "old-spec raw16 id comes back byte for byte", expected: true,
          seen: hex(reply.payload).contains(hex(bytes(id))))
        #expect(reply.arguments == [3])
      }
    }

    @Test(.about(.events)) func bytesOfAReply() async throws {
      try await withRawClient { socket, _ in
        let id = MessagePackValue.binary(Data(repeating: 0x61, count: 32))
        try socket.send([[], try add(id: id)])
        let reply = hex(try await socket.event().payload)
        let digits = String(repeating: "..", count: 32)
        let pattern =
          "9383aa6d6573736167655f6964c420\(digits)a17603ab726573706f6e73655f746fc420"
          + String(repeating: "61", count: 32) + "a24f4b9103"
        let masked = String(zip(pattern, reply).map { $0 == "." ? "." : $1 })
        row(
          "reply to add(1, 2) byte for byte, but its own id", expected: "\(pattern.count / 2) bytes as the reference's",
          seen: masked == pattern && reply.count == pattern.count
            ? "\(reply.count / 2) bytes as the reference's" : reply)
      }
    }

    /// What follows the first MessagePack object of an event is ignored.
    @Test(.about(.events)) func trailingBytes() async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try add() + [0xC0, 0x01, 0xC1]])
        row("extra bytes behind the event", expected: "OK [3]", seen: try await socket.event().summary)
      }
    }

    @Test(.about(.events)) func orderOfHeaderKeys() async throws {
      try await withRawClient { socket, _ in
        let keys: [(MessagePackValue, MessagePackValue)] = [("v", 3), ("message_id", "i"), ("response_to", nil)]
        var replies: Set<String> = []
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
          let header = MessagePackMap(order.map { MessagePackMap.Pair(key: keys[$0].0, value: keys[$0].1) })
          try socket.send([[], try RawEvent.pack(header: .map(header), "add", [1, 2])])
          replies.insert(try await socket.event().summary)
        }
        row("header keys in any order", expected: ["OK [3]"], seen: replies)
      }
    }

    @Test(.about(.events)) func unknownHeaderKeys() async throws {
      try await withRawClient { socket, _ in
        let extra: [(MessagePackValue, MessagePackValue)] = [
          ("trace_id", "<ABC>"), ("nested", [.map(["a": [1, 2]]), nil]), ("", 1),
        ]
        try socket.send([[], try RawEvent.request("add", [1, 2], id: "i", extra: extra)])
        let reply = try await socket.event()
        row("unknown header keys of any type", expected: "OK [3]", seen: reply.summary)
      }
    }

    @Test(.about(.channels)) func nilResponseToOpensAChannel() async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request("add", [1, 2], id: "i", extra: [("response_to", nil)])])
        let reply = try await socket.event()
        row("response_to nil opens a channel", expected: "OK [3]", seen: reply.summary)
      }
    }

    // MARK: Malformed and stale

    static let unanswered: [[UInt8]] = [
      [], [0xC1], bytes("93"), bytes("ff"), Array("garbage, not MessagePack".utf8), bytes("92 80 a1 61"),
      bytes("94 80 a1 61 90 90"), bytes("93 c0 a3 61 64 64 90"), bytes("93 80 a3 61 64 64 90"),
      bytes("93 81 a1 76 03 a3 61 64 64 92 01 02"), bytes("93 81 01 02 a3 61 64 64 90"), bytes("93 81 aa 6d"),
      bytes("93 df ff ff ff ff"), bytes("dd ff ff ff ff"), bytes("93 81 aa 6d 65 73 73 61 67 65 5f 69 64 a1 69 c0 90"),
    ]

    @Test(.about(.malformed)) func unansweredMessages() async throws {
      try await withRawClient { socket, server in
        let answer = { (id: MessagePackValue) in
          try socket.send([[], try add(id: id)])
          return "next is the answer to \(try await socket.event()["response_to"] ?? nil)"
        }
        for (number, payload) in Self.unanswered.enumerated() {
          try socket.send([[], payload])
          let id = MessagePackValue(number)
          row(
            "\(payload.isEmpty ? "an empty payload" : hex(payload.prefix(24))): dropped",
            expected: "next is the answer to \(id)",
            seen: try await answer(id))
        }
        // Stale and unknown channels, and channels that a heartbeat or a grant would open.
        for name in ["OK", "STREAM", "_zpc_more", "_zpc_hb", "add"] {
          try socket.send([[], try RawEvent.reply(.string(name), [0], to: "nowhere")])
          row(
            "\(name) for an unknown channel: dropped silently",
            expected: "next is the answer to \(name.debugDescription)",
            seen: try await answer(.string(name)), area: .channels)
        }
        for name in ["_zpc_hb", "_zpc_more"] {
          try socket.send([[], try RawEvent.request(.string(name), [0], id: "h")])
          row(
            "\(name) that would open a channel: opens nothing",
            expected: "next is the answer to \(name.debugDescription), 0 open",
            seen: "\(try await answer(.string(name))), \(server.openCalls) open", area: .channels,
            reference: "keeps a useless channel for three intervals")
        }
        try socket.send([[], try add(id: "last")])
        let reply = try await socket.event()
        #expect(reply["response_to"] == "last", "something before was answered: \(reply.name) \(reply.arguments)")
        #expect(server.openCalls == 0)
      }
    }

    @Test(.about(.malformed), arguments: [nil, 5, "ab", .map([:]), .double(1)] as [MessagePackValue])
    func argumentsThatAreNoArray(_ arguments: MessagePackValue) async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request("add", arguments, id: "i")])
        let reply = try await socket.event()
        row(
          "arguments \(arguments) instead of an array", expected: "ERR TypeError", seen: reply.shortError,
          reference: arguments == "ab" || arguments == .map([:]) ? "takes its characters or keys for arguments" : nil)
      }
    }

    @Test(
      .about(.malformed),
      arguments: [
        "93 82 aa 6d 65 73 73 61 67 65 5f 69 64 a1 69 a1 76 03 a3 61 64 64 92 01",
        "93 82 aa 6d 65 73 73 61 67 65 5f 69 64 a1 69 a1 76 03 a3 61 64 64",
        "93 82 aa 6d 65 73 73 61 67 65 5f 69 64 a1 69 a1 76 03 aa 65 63 68 6f 53 74 72 69 6e 67 91 a2 ff fe",
      ])
    func argumentsThatAreBroken(_ event: String) async throws {
      let journal = Journal()
      try await withRawClient(journal: journal) { socket, server in
        try socket.send([[], bytes(event)])
        try socket.send([[], try add(id: "last")])
        // The reference drops such an event; an error is an answer too. Nothing else may happen, and nothing stays open.
        let first = try await socket.event()
        let isAnswered = first["response_to"] == "i"
        let last = isAnswered ? try await socket.event() : first
        row(
          "broken arguments \(event.suffix(12))", expected: "dropped, or ERR TypeError; then the next call answered",
          seen: "\(isAnswered ? first.shortError : "dropped"); then \(last["response_to"] ?? nil) \(last.summary)",
          if: (!isAnswered || first.shortError == "ERR TypeError") && last["response_to"] == "last",
          reference: "drops the event, the caller waits until it is lost")
        try await expectNothingOpen(server)
      }
    }

    @Test(.about(.errors), arguments: ["__init__", "_private", "run", "zeroRPCGenerated", ""])
    func hiddenNames(_ name: String) async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request(.string(name), [], id: "i")])
        let reply = try await socket.event()
        row(
          "method '\(name)' does not exist", expected: "ERR [\"NameError\", \(name.debugDescription), nil]",
          seen: reply.summary)
      }
    }

    @Test(.about(.channels)) func duplicateIdInFlight() async throws {
      let journal = Journal()
      try await withRawClient(journal: journal) { socket, server in
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "i")])
        try await journal.wait(for: "w started")
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "i")])
        try socket.send([[], try add(id: "other")])
        let other = try await socket.event()
        #expect(other["response_to"] == "other")
        let open = server.openCalls
        journal.release("w")
        let reply = try await socket.event()
        row(
          "an id that is in use: the first call goes on, the second is dropped", expected: "1 open; \"i\" OK [nil]",
          seen: "\(open) open; \(reply["response_to"] ?? nil) \(reply.summary)",
          reference: "silently replaces the first, which never ends")
      }
    }

    /// More than the reference takes: it drops what is larger than 100 MiB.
    @Test(.about(.events)) func argumentOf101MiB() async throws {
      try await withRawClient { socket, _ in
        let data = Data(repeating: 7, count: 101 << 20)
        try socket.send([[], try RawEvent.request("length", [.binary(data)], id: "i")])
        row(
          "an argument of 101 MiB", expected: "OK [\(data.count)]",
          seen: try await socket.event(within: .seconds(30)).summary,
          reference: "BufferFull: drops the event, the caller is lost")
      }
    }
  }
}

extension RawEvent {
  /// The name and the arguments.
  var summary: String { "\(name.stringValue ?? "\(name)") \(arguments)" }

  /// The name, and that of the error which it carries.
  var shortError: String { "\(name.stringValue ?? "\(name)") \(arguments[0]?.stringValue ?? "\(arguments)")" }
}

/// A value's text, not too long for a line.
private func shortened(_ value: MessagePackValue) -> String {
  let text = "\(value)"
  return text.count > 40 ? "\(text.prefix(20))… of \(text.count) characters" : text
}
