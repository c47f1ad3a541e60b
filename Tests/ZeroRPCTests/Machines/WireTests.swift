import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

extension Machines {
  /// The byte dumps of the reference (PROTOCOL 1.8), in both directions: what is written equals them up to the random ids,
  /// and what they say is read.
  @Suite struct WireTests {
    static let id = "64 33 30 66 39 66 64 39 31 35 30 39 34 34 38 66 39 38 30 36 66 66 37 30 36 32 65 66 63 65 63 62"
    static let ownID = "65 36 35 36 30 65 33 61 37 33 34 61 34 31 61 35 39 66 31 65 38 31 63 66 33 65 33 35 64 66 62 32"
    static let messageID = "aa 6d 65 73 73 61 67 65 5f 69 64 c4 20"
    static let version = "a1 76 03"
    static let responseTo = "ab 72 65 73 70 6f 6e 73 65 5f 74 6f c4 20"

    /// The start of an event on the channel of the dumps.
    static let replyStart = "93 83 \(messageID) \(ownID) \(version) \(responseTo) \(id)"
    static let requestStart = "93 82 \(messageID) \(id) \(version)"

    /// The channel's id as it stands in the dumps.
    static let channel = InlineBytes(bytes("c4 20 \(id)"))

    /// Packs an event and puts an id in its place.
    private func pack(id: String, _ body: (inout MessagePackPacker) throws -> Void) rethrows -> [UInt8] {
      var packer = MessagePackPacker()
      try body(&packer)
      var event = packer.withUnsafeBytes { Array($0) }
      let digits = bytes(id)
      event.replaceSubrange(EventWriter.idOffset..<(EventWriter.idOffset + 32), with: digits)
      return event
    }

    private func reply(_ name: StaticString, _ body: (inout MessagePackPacker) throws -> Void) rethrows -> [UInt8] {
      try pack(id: Self.ownID) { packer in
        EventWriter.reply(name, to: Self.channel, into: &packer)
        try body(&packer)
      }
    }

    @Test func request() throws {
      let event = pack(id: Self.id) { packer in
        EventWriter.open("add", into: &packer)
        packer.packArrayHeader(2)
        packer.packInteger(Int64(1))
        packer.packInteger(Int64(2))
      }
      #expect(hex(event) == hex(bytes("\(Self.requestStart) a3 61 64 64 92 01 02")))
      #expect(event.count == 57)
    }

    @Test func requestsOfTheDumps() {
      let unknown = pack(id: Self.id) { packer in
        EventWriter.open("nosuch", into: &packer)
        packer.packArrayHeader(1)
        packer.packInteger(Int64(1))
      }
      #expect(hex(unknown) == hex(bytes("\(Self.requestStart) a6 6e 6f 73 75 63 68 91 01")))
      let stream = pack(id: Self.id) { packer in
        EventWriter.open("rng", into: &packer)
        packer.packArrayHeader(1)
        packer.packInteger(Int64(3))
      }
      #expect(hex(stream) == hex(bytes("\(Self.requestStart) a3 72 6e 67 91 03")))
    }

    @Test func values() throws {
      let three = reply("OK") { packer in
        packer.packArrayHeader(1)
        packer.packInteger(Int64(3))
      }
      #expect(hex(three) == hex(bytes("\(Self.replyStart) a2 4f 4b 91 03")))
      #expect(three.count == 101)
      let none = reply("OK") { packer in
        packer.packArrayHeader(1)
        packer.packNil()
      }
      #expect(hex(none) == hex(bytes("\(Self.replyStart) a2 4f 4b 91 c0")))
      let pair = try reply("OK") { packer in
        packer.packArrayHeader(1)
        try packer.pack([1, 2])
      }
      #expect(hex(pair) == hex(bytes("\(Self.replyStart) a2 4f 4b 91 92 01 02")))
    }

    /// Everything that the reference's `types` echoes.
    @Test func types() throws {
      let dump = bytes(
        """
        9a c0 c3 ff cd 01 2c cf 80 00 00 00 00 00 00 00 cb 3f f8 00 00 00 00 00 00 a3 68 c3 a9 c4 05 62 79 00 ff 74
        92 01 91 02 82 a1 6b 01 c4 01 62 02
        """)
      let value: MessagePackValue = [
        nil, true, -1, 300, MessagePackValue(UInt64(1) << 63), 1.5, "hé", .binary(Data([0x62, 0x79, 0, 0xFF, 0x74])),
        [1, [2]], .map(["k": 1, .binary(Data([0x62])): 2]),
      ]
      #expect(try MessagePackValue(parsing: dump) == value)
      #expect(hex(try value.serialized()) == hex(dump))
    }

    @Test func errorEvent() {
      let event = reply("ERR") { packer in
        packer.packArrayHeader(3)
        packer.packString("RuntimeError")
        packer.packString("oops é")
        packer.packNil()
      }
      #expect(
        hex(event)
          == hex(bytes("\(Self.replyStart) a3 45 52 52 93 ac \(hex("RuntimeError".utf8)) a7 6f 6f 70 73 20 c3 a9 c0")))
    }

    @Test func streamEvents() {
      let item = reply("STREAM") { $0.packInteger(Int64(0)) }
      #expect(hex(item) == hex(bytes("\(Self.replyStart) a6 53 54 52 45 41 4d 00")))
      let done = reply("STREAM_DONE") { $0.packNil() }
      #expect(hex(done) == hex(bytes("\(Self.replyStart) ab 53 54 52 45 41 4d 5f 44 4f 4e 45 c0")))
      for (credit, end) in [(100, "64"), (51, "33"), (10, "0a"), (6, "06"), (1_000, "cd 03 e8")] {
        let more = pack(id: Self.ownID) { EventWriter.grant(credit, to: Self.channel, into: &$0) }
        #expect(hex(more) == hex(bytes("\(Self.replyStart) a9 5f 7a 70 63 5f 6d 6f 72 65 91 \(end)")))
      }
    }

    @Test func heartbeat() {
      let event = pack(id: Self.ownID) { EventWriter.heartbeat(to: Self.channel, into: &$0) }
      #expect(hex(event) == hex(bytes("\(Self.replyStart) a7 5f 7a 70 63 5f 68 62 91 00")))
      #expect(event.count == 106)
    }

    /// A Python or Node peer takes a cancellation for a heartbeat.
    @Test func cancellationIsAHeartbeatToOthers() throws {
      let event = pack(id: Self.ownID) { EventWriter.cancellation(of: Self.channel, into: &$0) }
      let parsed = try RawEvent(frames: [event])
      #expect(parsed.name == "_zpc_hb")
      #expect(parsed.arguments == [0])
      #expect(parsed["v"] == 3)
      #expect(event.withUnsafeBytes { try? EventReader.read($0) }?.isCancellation == true)
    }

    /// `response_to` is echoed with the identical MessagePack type, whatever it is.
    @Test(arguments: [
      "c4 03 61 62 63", "a3 61 62 63", "07", "cd 01 00", "cf ff ff ff ff ff ff ff ff", "ff", "c3",
      "cb 3f f8 00 00 00 00 00 00",
      "92 01 02", "81 a1 61 01", "d9 24 \(String(repeating: "62 ", count: 36))", "da 00 03 61 62 63", "c5 00 01 00",
      "c4 50 \(String(repeating: "62 ", count: 80))", "d6 05 00 00 00 01",
    ])
    func idsOfAnyType(_ id: String) throws {
      let request = bytes("93 82 \(Self.messageID.dropLast(6)) \(id) \(Self.version) a3 61 64 64 92 01 02")
      let layout = try request.withUnsafeBytes { try EventReader.read($0) }
      #expect(hex(request[layout.messageID]) == hex(bytes(id)))
      #expect(layout.responseTo == nil)
      var packer = MessagePackPacker()
      EventWriter.heartbeat(to: InlineBytes(request[layout.messageID]), into: &packer)
      let reply = packer.withUnsafeBytes { Array($0) }
      let echoed = try reply.withUnsafeBytes { try EventReader.read($0) }
      #expect(echoed.responseTo.map { hex(reply[$0]) } == hex(bytes(id)))
    }

    // MARK: Reading

    @Test(arguments: [
      ("\(requestStart) a3 61 64 64 92 01 02", "add", 3, false),
      ("\(replyStart) a2 4f 4b 91 03", "OK", 3, true),
      ("\(replyStart) a6 53 54 52 45 41 4d 00", "STREAM", 3, true),
      ("\(replyStart) ab 53 54 52 45 41 4d 5f 44 4f 4e 45 c0", "STREAM_DONE", 3, true),
      ("\(replyStart) a9 5f 7a 70 63 5f 6d 6f 72 65 91 64", "_zpc_more", 3, true),
      ("\(replyStart) a7 5f 7a 70 63 5f 68 62 91 00", "_zpc_hb", 3, true),
      // Node: version first, text ids; a task context; Python 2: binary keys and names; nil response_to opens a channel.
      ("93 82 a1 76 03 aa 6d 65 73 73 61 67 65 5f 69 64 d9 01 62 a3 61 64 64 92 01 02", "add", 3, false),
      (
        "93 83 \(messageID) \(id) \(version) a8 74 72 61 63 65 5f 69 64 a5 3c 41 42 43 3e a3 61 64 64 90", "add", 3,
        false
      ),
      ("93 82 c4 0a 6d 65 73 73 61 67 65 5f 69 64 01 c4 01 76 02 c4 03 61 64 64 90", "add", 2, false),
      ("93 82 \(messageID) \(id) ab 72 65 73 70 6f 6e 73 65 5f 74 6f c0 a3 61 64 64 90", "add", 1, false),
      ("93 81 \(messageID) \(id) a3 61 64 64 90", "add", 1, false),
      ("93 82 \(messageID) \(id) a1 76 cb 40 08 00 00 00 00 00 00 a3 61 64 64 90", "add", 3, false),
    ])
    func reading(_ dump: String, _ name: String, _ version: Int, _ isOnChannel: Bool) throws {
      let event = bytes(dump)
      let layout = try event.withUnsafeBytes { try EventReader.read($0) }
      #expect(String(decoding: event[layout.name], as: UTF8.self) == name)
      #expect(layout.version == version)
      #expect((layout.responseTo != nil) == isOnChannel)
      if isOnChannel { #expect(layout.responseTo.map { hex(event[$0]) } == hex(bytes("c4 20 \(Self.id)"))) }
      #expect(!layout.isCancellation)
      // Extra bytes after the event are ignored, and every truncation is an error, never a trap.
      #expect(throws: Never.self) { try (event + [1, 2, 3]).withUnsafeBytes { _ = try EventReader.read($0) } }
      for count in 0..<layout.name.upperBound {
        #expect(throws: MalformedEvent.self) { try event[..<count].withUnsafeBytes { _ = try EventReader.read($0) } }
      }
    }

    @Test(arguments: [
      "91 05", "91 00", "91 ff", "05", "c0", "92 01 02", "90", "91 a1 61", "91 cb 40 14 00 00 00 00 00 00", "91",
    ])
    func grants(_ arguments: String) {
      let expected: [String: Int64] = ["91 05": 5, "91 00": 0, "91 ff": -1, "91 cb 40 14 00 00 00 00 00 00": 5]
      #expect(bytes(arguments).withUnsafeBytes { EventReader.grant($0, at: 0) } == expected[arguments])
    }

    @Test(arguments: [
      "", "c1", "80", "92 80 a1 61", "94 80 a1 61 90 90", "93", "93 c0 a1 61 90", "93 90 a1 61 90",
      "93 81 01 02 a1 61 90",
      "93 80 05 90", "93 80 c0 90", "93 df ff ff ff ff",
      "93 81 aa 6d 65 73 73 61 67 65 5f 69 64 dd ff ff ff ff a1 61 90",
      "93 81 a1 61 c6 ff ff ff ff a1 61 90", "93 80 db ff ff ff ff 61",
    ])
    func garbage(_ dump: String) {
      #expect(throws: MalformedEvent.self) { try bytes(dump).withUnsafeBytes { _ = try EventReader.read($0) } }
    }

    @Test func randomBytesNeverTrap() {
      var random = SeededGenerator(seed: 9)
      let start = bytes("\(Self.replyStart) a7 5f 7a 70 63 5f 68 62 91 00")
      var read = 0
      for _ in 0..<300_000 {
        var event = start
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          event[Int.random(in: 0..<event.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { event.removeLast(.random(in: 0..<event.count, using: &random)) }
        event.withUnsafeBytes { bytes in
          guard let layout = try? EventReader.read(bytes) else { return }
          read += 1
          _ = EventReader.grant(bytes, at: layout.arguments)
        }
      }
      #expect(read > 1_000)
    }
  }
}
