import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension RawInterop {
  /// The Swift server against clients that do what no polite peer does (PROTOCOL 1.1, 1.2, 1.3, 1.9).
  @Suite struct RawClientTests {
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
      arguments: [
        ([], [[]]), ([[]], [[]]), ([[9, 9]], [[]]), ([[1], []], [[1], []]), ([[1], [2, 2], []], [[1], [2, 2], []]),
        ([[], []], [[], []]),
      ] as [([[UInt8]], [[UInt8]])])
    func envelopes(_ sent: [[UInt8]], _ answered: [[UInt8]]) async throws {
      try await withRawClient { socket, _ in
        try socket.send(sent + [try add()])
        let reply = try await socket.event()
        // Always an empty delimiter, and the hops before it come back.
        #expect(reply.envelope == answered)
        #expect(reply.name == "OK" && reply.arguments == [3])
      }
    }

    @Test func hopsOfAStream() async throws {
      try await withRawClient { socket, _ in
        let envelope: [[UInt8]] = [[7], [8, 8], []]
        try socket.send(envelope + [try RawEvent.request("count", [3], id: "s")])
        var seen: [MessagePackValue] = []
        for number in 0..<4 {
          let event = try await socket.event()
          #expect(event.envelope == envelope)
          seen += [event.name, event.arguments]
          if number == 0 { try socket.send(envelope + [try RawEvent.reply("_zpc_more", [10], to: "s")]) }
        }
        #expect(seen == ["STREAM", 0, "STREAM", 1, "STREAM", 2, "STREAM_DONE", nil])
      }
    }

    @Test func requestSocket() async throws {
      try await withRawClient(.request) { socket, _ in
        for _ in 0..<3 {
          try socket.send([try add()])
          let reply = try await socket.event()
          #expect(reply.arguments == [3])
        }
      }
    }

    @Test func sameIdFromTwoClients() async throws {
      let journal = Journal()
      try await withServer(journal: journal) { server, endpoint in
        let sockets = try (0..<2).map { _ in try RawSocket(.dealer, connecting: endpoint) }
        for (number, socket) in sockets.enumerated() {
          try socket.send([[], try RawEvent.request("wait", [.string("w\(number)")], id: "same")])
        }
        for number in 0..<2 { try await journal.wait(for: "w\(number) started") }
        #expect(server.openCalls == 2)
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

    @Test(arguments: [nil, 1, 2, 3, 4] as [MessagePackValue?])
    func versions(_ version: MessagePackValue?) async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try add(version: version)])
        let reply = try await socket.event()
        #expect(reply.arguments == [3])
        try socket.send([[], try RawEvent.request("fail", ["boom"], id: "f", version: version)])
        let error = try await socket.event()
        #expect(error.name == "ERR")
        // Versions before 2 take one text; from 2 on name, message and traceback.
        let isOld = version == nil || version == 1
        #expect(error.arguments.arrayValue?.count == (isOld ? 1 : 3))
        if !isOld { #expect(error.arguments[0] == "Refusal" && error.arguments[1] == "boom") }
      }
    }

    @Test func heartbeatsOfVersion2AreGrants() async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request("count", [5], id: "s", version: 2)])
        let first = try await socket.event()
        #expect(first.name == "STREAM")
        try socket.send([[], try RawEvent.reply("_zpc_hb", [10], to: "s", version: 2)])
        var names: [MessagePackValue] = []
        while names.last != "STREAM_DONE" { names.append(try await socket.event().name) }
        #expect(names.count == 5)
      }
    }

    // MARK: Foreign dialects

    @Test func nodeClient() async throws {
      try await withRawClient { socket, _ in
        let id: MessagePackValue = "bc0e258a-0a48-446d-8992-000000000000"
        // Node writes `v` first, integers beyond 32 bits as float64, and integral doubles as integers.
        try socket.send([
          [], try RawEvent.pack(header: .map(["v": 3, "message_id": id]), "add", [.double(1_099_511_627_776), 2]),
        ])
        let sum = try await socket.event()
        #expect(sum["response_to"] == id)
        #expect(sum.arguments == [1_099_511_627_778])
        try socket.send([[], try RawEvent.pack(header: .map(["v": 3, "message_id": id]), "divide", [1, 4])])
        let quotient = try await socket.event()
        #expect(quotient.arguments == [0.25])
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
        #expect(items == 300)
      }
    }

    @Test func python2Client() async throws {
      try await withRawClient { socket, _ in
        func binary(_ text: String) -> MessagePackValue { .binary(Data(text.utf8)) }
        try socket.send([
          [],
          try RawEvent.pack(
            header: .map([binary("message_id"): binary("id"), binary("v"): 3]), binary("add"), [1, 2]),
        ])
        let reply = try await socket.event()
        #expect(reply["response_to"] == binary("id"))
        #expect(reply.arguments == [3])
        try socket.send([[], try RawEvent.request("echoString", [binary("abc")], id: "t")])
        let text = try await socket.event()
        #expect(text.arguments == ["abc"])
        try socket.send([[], try RawEvent.request("echoMap", [.map([binary("k"): [1]])], id: "m")])
        let map = try await socket.event()
        #expect(map.arguments == [.map(["k": [1.0]])])
      }
    }

    @Test func unknownHeaderKeys() async throws {
      try await withRawClient { socket, _ in
        let extra: [(MessagePackValue, MessagePackValue)] = [
          ("trace_id", "<ABC>"), ("nested", [.map(["a": [1, 2]]), nil]), ("", 1),
        ]
        try socket.send([[], try RawEvent.request("add", [1, 2], id: "i", extra: extra)])
        let reply = try await socket.event()
        #expect(reply.arguments == [3])
      }
    }

    @Test func nilResponseToOpensAChannel() async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request("add", [1, 2], id: "i", extra: [("response_to", nil)])])
        let reply = try await socket.event()
        #expect(reply.arguments == [3])
      }
    }

    // MARK: Malformed and stale

    static let unanswered: [[UInt8]] = [
      [], [0xC1], bytes("93"), bytes("ff"), Array("garbage, not MessagePack".utf8), bytes("92 80 a1 61"),
      bytes("94 80 a1 61 90 90"), bytes("93 c0 a3 61 64 64 90"), bytes("93 80 a3 61 64 64 90"),
      bytes("93 81 a1 76 03 a3 61 64 64 92 01 02"), bytes("93 81 01 02 a3 61 64 64 90"), bytes("93 81 aa 6d"),
      bytes("93 df ff ff ff ff"), bytes("dd ff ff ff ff"), bytes("93 81 aa 6d 65 73 73 61 67 65 5f 69 64 a1 69 c0 90"),
    ]

    @Test func unansweredMessages() async throws {
      try await withRawClient { socket, server in
        for payload in Self.unanswered { try socket.send([[], payload]) }
        // Stale and unknown channels, and channels that a heartbeat or a grant would open.
        for name in ["OK", "STREAM", "_zpc_more", "_zpc_hb", "add"] {
          try socket.send([[], try RawEvent.reply(.string(name), [0], to: "nowhere")])
        }
        for name in ["_zpc_hb", "_zpc_more"] {
          try socket.send([[], try RawEvent.request(.string(name), [0], id: "h")])
        }
        try socket.send([[], try add(id: "last")])
        let reply = try await socket.event()
        #expect(reply["response_to"] == "last", "something before was answered: \(reply.name) \(reply.arguments)")
        #expect(server.openCalls == 0)
      }
    }

    @Test(arguments: [nil, 5, "ab", .map([:]), .double(1)] as [MessagePackValue])
    func argumentsThatAreNoArray(_ arguments: MessagePackValue) async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request("add", arguments, id: "i")])
        let reply = try await socket.event()
        #expect(reply.name == "ERR")
        #expect(reply.arguments[0] == "TypeError")
      }
    }

    @Test(arguments: [
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
        if first["response_to"] == "i" {
          #expect(first.name == "ERR")
          let last = try await socket.event()
          #expect(last["response_to"] == "last")
        }
        try await expectNothingOpen(server)
      }
    }

    @Test(arguments: ["__init__", "_private", "run", "zeroRPCGenerated", ""])
    func hiddenNames(_ name: String) async throws {
      try await withRawClient { socket, _ in
        try socket.send([[], try RawEvent.request(.string(name), [], id: "i")])
        let reply = try await socket.event()
        #expect(reply.name == "ERR")
        #expect(reply.arguments[0] == "NameError" && reply.arguments[1] == .string(name))
      }
    }

    @Test func duplicateIdInFlight() async throws {
      let journal = Journal()
      try await withRawClient(journal: journal) { socket, server in
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "i")])
        try await journal.wait(for: "w started")
        try socket.send([[], try RawEvent.request("wait", ["w"], id: "i")])
        try socket.send([[], try add(id: "other")])
        let other = try await socket.event()
        #expect(other["response_to"] == "other")
        #expect(server.openCalls == 1)
        journal.release("w")
        let reply = try await socket.event()
        #expect(reply["response_to"] == "i" && reply.name == "OK")
      }
    }
  }
}
