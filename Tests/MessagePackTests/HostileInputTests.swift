import Foundation
import MessagePack
import Testing

/// Bytes that a peer must not be able to do harm with.
@Suite(.serialized) struct HostileInputTests {
  static let table: [(String, MessagePackError.Code)] = [
    ("", .truncated), ("c1", .malformed), ("91c1", .malformed), ("81a16bc1", .malformed),
    // Numbers, strings, binary and extensions that end too early.
    ("cc", .truncated), ("cd00", .truncated), ("ce000000", .truncated), ("cf00000000000000", .truncated),
    ("d0", .truncated), ("d3ff", .truncated), ("ca0000", .truncated), ("cb00000000000000", .truncated),
    ("a1", .truncated), ("bf61", .truncated), ("d9", .truncated), ("d90161".dropLastByte, .truncated),
    ("da00", .truncated), ("da000161".dropLastByte, .truncated), ("db000000", .truncated),
    ("c4", .truncated), ("c401", .truncated), ("c50001", .truncated), ("c600000001", .truncated),
    ("c7", .truncated), ("c700", .truncated), ("c70105", .truncated), ("c800", .truncated), ("c9000000", .truncated),
    ("d4", .truncated), ("d405", .truncated), ("d8050000", .truncated),
    // Lengths of gigabytes that are not there.
    ("dbffffffff61", .truncated), ("c6ffffffff61", .truncated), ("c9fffffffe0561", .truncated),
    ("ddffffffffc0", .truncated), ("dfffffffffc0c0", .truncated), ("dcffffc0", .truncated), ("deffffc0", .truncated),
    ("91ddffffffff", .truncated), ("dd7fffffff" + String(repeating: "c0", count: 100), .truncated),
    // The length to which libmsgpack adds one in 32 bits.
    ("c9ffffffff05", .malformed), ("91c9ffffffff05", .malformed),
    // Nesting past libmsgpack's stack, also by empty containers.
    (String(repeating: "91", count: 33) + "c0", .tooDeep), (String(repeating: "91", count: 32) + "90", .tooDeep),
    (String(repeating: "91", count: 32) + "80", .tooDeep), (String(repeating: "81a0", count: 33) + "c0", .tooDeep),
    (String(repeating: "91", count: 100_000), .tooDeep), (String(repeating: "81", count: 100_000), .tooDeep),
    // Containers with too few elements.
    ("92c0", .truncated), ("81a16b", .truncated), ("82a16bc0", .truncated), ("9291c0", .truncated),
  ]

  @Test(arguments: table) func refuses(encoded: String, code: MessagePackError.Code) {
    let encoded = bytes(encoded)
    encoded.withUnsafeBytes { buffer in
      #expect(messagePackError { try MessagePackParser.withView(of: buffer) { $0.kind } }?.code == code)
      #expect(messagePackError { try MessagePackParser.skip(buffer) }?.code == code)
    }
    #expect(messagePackError { try MessagePackValue(parsing: encoded) }?.code == code)
    #expect(messagePackError { try MessagePackDecoder().decode([Item].self, from: Data(encoded)) }?.code == code)
  }

  @Test func acceptsTheDeepestNesting() throws {
    let encoded = bytes(String(repeating: "91", count: 32) + "05")
    var value = try MessagePackValue(parsing: encoded)
    #expect(try Array(value.serialized()) == encoded)
    value = .array([value])
    #expect(messagePackError { try value.serialized() }?.code == .tooDeep)
    let empty = bytes(String(repeating: "91", count: 31) + "90")
    #expect(try Array(MessagePackValue(parsing: empty).serialized()) == empty)
  }

  @Test func refusesToSendWhatReceiversRefuse() throws {
    indirect enum Nest: Codable {
      case leaf
      case node(Nest)
      init(from decoder: any Decoder) throws { self = .leaf }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        if case .node(let inner) = self { try container.encode(inner) }
      }
    }
    func nest(_ depth: Int) -> Nest { (1..<depth).reduce(.leaf) { nest, _ in .node(nest) } }
    let deepest = try MessagePackEncoder().encode(nest(32))
    #expect(hex(deepest) == String(repeating: "91", count: 31) + "90")
    #expect(messagePackError { try MessagePackEncoder().encode(nest(33)) }?.code == .tooDeep)
    #expect(messagePackError { try MessagePackEncoder().encode(nest(10_000)) }?.code == .tooDeep)

    var packer = MessagePackPacker()
    packer.enclosingDepth = 2
    try packer.pack(nest(30))
    #expect(messagePackError { try packer.pack(nest(31)) }?.code == .tooDeep)
    #expect(packer.count == 30)
    let value = (0..<31).reduce(MessagePackValue.nil) { value, _ in .array([value]) }
    #expect(messagePackError { try packer.pack(value) }?.code == .tooDeep)
  }

  @Test(arguments: ["a2c328", "a1ff", "a1c3", "a3e28228", "a3eda080", "a4f4908080", "d902c328", "c402c080"])
  func refusesInvalidUTF8(encoded: String) throws {
    #expect(messagePackError { try unpacked(String.self, from: bytes(encoded)) }?.code == .invalidUTF8)
    let data = Data(bytes("81a176" + encoded))
    let error = messagePackError { try MessagePackDecoder().decode(Holder<String>.self, from: data) }
    #expect(error?.code == .invalidUTF8)
    #expect(error?.path == "v")
    if !encoded.hasPrefix("c4") {
      #expect(messagePackError { try MessagePackValue(parsing: bytes(encoded)) }?.code == .invalidUTF8)
    }
  }

  @Test func acceptsTheReplacementCharacterItself() throws {
    #expect(try unpacked(String.self, from: bytes("a3efbfbd")) == "\u{fffd}")
  }

  @Test func readsNothingOutsideOfAView() throws {
    try bytes("9201a16b").withUnsafeBytes { buffer in
      try MessagePackParser.withView(of: buffer) { view in
        #expect(view[-1].isNil)
        #expect(view[2].isNil)
        #expect(view[.max].isNil)
        #expect(view.key(at: 0).isNil)
        #expect(view.value(at: -1).isNil)
        #expect(view["k"] == nil)
        #expect(view[0].count == 0)
        #expect(messagePackError { try view.element(at: 2) }?.code == .outOfRange)
        #expect(messagePackError { try view[0].element(at: 0) }?.code == .typeMismatch)
        #expect(messagePackError { try view.required("k", as: Int.self) }?.code == .typeMismatch)
        #expect(messagePackError { try MessagePackParser.skip(buffer, from: -1) }?.code == .truncated)
        #expect(messagePackError { try MessagePackParser.skip(buffer, from: 4) }?.code == .truncated)
        let end = try MessagePackParser.skip(buffer, from: 2)
        #expect(end == 4)
      }
    }
  }

  @Test func decodesAMapOfManyKeysInLinearTime() throws {
    var packer = MessagePackPacker()
    packer.packMapHeader(50_000)
    for index in 0..<50_000 {
      packer.packInteger(Int64(index))
      packer.packNil()
    }
    let data = packer.withUnsafeBytes { Data($0) }
    // Quadratic time would be minutes.
    let start = ContinuousClock.now
    #expect(try MessagePackDecoder().decode([Int: Boxed].self, from: data).count == 50_000)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func survivesRandomMutations() throws {
    var random = SplitMix64(state: 0x5eed)
    let corpus = try Self.corpus()
    let before = peakOfVirtualMemory()
    var accepted = 0
    for _ in 0..<100_000 {
      var message = corpus[Int(random.next() % UInt64(corpus.count))]
      random.mutate(&message)
      if exercise(message) { accepted += 1 }
    }
    // Both outcomes must be covered, or the loop tests nothing.
    #expect(accepted > 1000 && accepted < 99_000)
    if let before, let after = peakOfVirtualMemory() {
      #expect(after - before < 512 * 1024, "kilobytes that the peak of virtual memory grew by")
    }
  }

  private static func corpus() throws -> [[UInt8]] {
    let order = Order(
      id: 7, items: [Item(name: "é", price: 1.5, tags: ["x"]), Item(name: "b", price: -1)],
      extra: ["k": Item(name: "c", price: 0)], data: Data([1, 2, 3]), date: Date(timeIntervalSince1970: 1.7e9),
      pair: [1, 70_000])
    let value: MessagePackValue = [
      nil, true, -1, 300, .uint(.max), 1.5, "hé", .binary(Data([0, 255])), .ext(-1, Data([1, 2, 3, 4])), [[[1]]],
      .map(["k": 1, .binary(Data([0x62])): [2, 3]]),
    ]
    return [
      Array(try MessagePackEncoder().encode(order)), Array(try value.serialized()),
      Array(try MessagePackEncoder().encode(Array(0..<40))),
      Array(try MessagePackEncoder().encode(Dictionary(uniqueKeysWithValues: (0..<20).map { ("k\($0)", $0) }))),
      bytes("dd00000001de0001a16bdc0001c600000001ff"),
      bytes("93c70005d8ff" + String(repeating: "00", count: 16) + "c0"),
    ]
  }

  /// Reads a message in every way. True if it is MessagePack.
  private func exercise(_ message: [UInt8]) -> Bool {
    let data = Data(message)
    _ = messagePackError { try MessagePackDecoder().decode(Order.self, from: data) }
    return message.withUnsafeBytes { buffer in
      let end = try? MessagePackParser.skip(buffer)
      do {
        var consumed = 0
        try MessagePackParser.withView(of: buffer, consumed: &consumed) { view in
          _ = try? view.decode([Int].self)
          _ = try? view.decode([String: Int].self)
          _ = try? view.decode([Item].self)
          _ = try? view.decode([String: Item].self)
          _ = try? view.decode(Date.self)
          _ = view.summary
          if let value = try? view.value(), let again = try? value.serialized() {
            #expect((try? MessagePackValue(parsing: again).serialized()) == again)
          }
        }
        #expect(consumed == end)
        return true
      } catch {
        #expect(error is MessagePackError)
        #expect(end == nil)
        return false
      }
    }
  }

  private func peakOfVirtualMemory() -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }
}

extension String {
  fileprivate var dropLastByte: String { String(dropLast(2)) }
}

/// A generator that gives the same numbers on every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Changes a message in one to three places.
  mutating func mutate(_ message: inout [UInt8]) {
    for _ in 0...Int.random(in: 0..<3, using: &self) {
      let place = message.isEmpty ? 0 : Int.random(in: 0..<message.count, using: &self)
      switch Int.random(in: 0..<6, using: &self) {
      case 0: message.removeLast(message.count - place)
      case 1: message.insert(UInt8.random(in: .min ... .max, using: &self), at: place)
      case 2 where !message.isEmpty: message[place] = UInt8.random(in: 0xc0...0xdf, using: &self)
      case 3 where !message.isEmpty: message[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 4:
        let length = UInt32.random(in: .min ... .max, using: &self)
        let kind: [UInt8] = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9]
        let header = kind[Int.random(in: 0..<kind.count, using: &self)]
        message.insert(contentsOf: [header] + withUnsafeBytes(of: length) { Array($0) }, at: place)
      default: if !message.isEmpty { message.remove(at: place) }
      }
    }
  }
}
