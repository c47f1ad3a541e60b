import Foundation
import MessagePack
import Testing

/// Bytes on the boundaries of every format, as Python's msgpack 1.2.4 makes them.
@Suite struct FormatTests {
  static let integers: [(Int64, String)] = [
    (0, "00"), (1, "01"), (127, "7f"), (128, "cc80"), (255, "ccff"), (256, "cd0100"), (65535, "cdffff"),
    (65536, "ce00010000"), (4_294_967_295, "ceffffffff"), (4_294_967_296, "cf0000000100000000"),
    (.max, "cf7fffffffffffffff"), (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-128, "d080"), (-129, "d1ff7f"),
    (-32768, "d18000"), (-32769, "d2ffff7fff"), (-2_147_483_648, "d280000000"),
    (-2_147_483_649, "d3ffffffff7fffffff"), (.min, "d38000000000000000"),
  ]

  @Test(arguments: integers) func packsIntegers(value: Int64, expected: String) throws {
    #expect(try hex(packed(value)) == expected)
    #expect(try unpacked(Int64.self, from: bytes(expected)) == value)
    #expect(try MessagePackValue(parsing: bytes(expected)) == .int(value))
    #expect(try hex(MessagePackValue.int(value).serialized()) == expected)
    #expect(try hex(MessagePackEncoder().encode([value])) == "91" + expected)
  }

  @Test(arguments: [(UInt64.max, "cfffffffffffffffff"), (9_223_372_036_854_775_808, "cf8000000000000000")])
  func packsLargeUnsignedIntegers(value: UInt64, expected: String) throws {
    #expect(try hex(packed(value)) == expected)
    #expect(try unpacked(UInt64.self, from: bytes(expected)) == value)
    #expect(try MessagePackValue(parsing: bytes(expected)) == .uint(value))
    #expect(try hex(MessagePackValue.uint(value).serialized()) == expected)
  }

  @Test(arguments: [
    // A peer may choose a longer format than needed.
    ("cc01", 1), ("cd0001", 1), ("ce00000001", 1), ("cf0000000000000001", 1), ("d001", 1), ("d10001", 1),
    ("d200000001", 1), ("d30000000000000001", 1), ("d1ffff", -1), ("d3ffffffffffffffff", -1),
  ])
  func unpacksLongFormsOfIntegers(encoded: String, value: Int) throws {
    #expect(try unpacked(Int.self, from: bytes(encoded)) == value)
    #expect(try MessagePackValue(parsing: bytes(encoded)) == .int(Int64(value)))
  }

  @Test(arguments: [
    (0.0, "cb0000000000000000"), (-0.0, "cb8000000000000000"), (1.5, "cb3ff8000000000000"),
    (.infinity, "cb7ff0000000000000"), (-.infinity, "cbfff0000000000000"),
    (.leastNonzeroMagnitude, "cb0000000000000001"),
    (.greatestFiniteMagnitude, "cb7fefffffffffffff"), (.nan, "cb7ff8000000000000"),
  ])
  func packsDoubles(value: Double, expected: String) throws {
    #expect(try hex(packed(value)) == expected)
    #expect(try unpacked(Double.self, from: bytes(expected)).bitPattern == value.bitPattern)
    #expect(try hex(MessagePackEncoder().encode(["k": value])) == "81a16b" + expected)
  }

  @Test func packsAndUnpacksFloats() throws {
    // Packed in 64 bits, because that is what Python has; 32 bits are understood.
    #expect(try hex(packed(Float(1.5))) == "cb3ff8000000000000")
    #expect(try unpacked(Float.self, from: bytes("ca3fc00000")) == 1.5)
    #expect(try unpacked(Double.self, from: bytes("ca3fc00000")) == 1.5)
    #expect(try unpacked(Float.self, from: bytes("cb3ff8000000000000")) == 1.5)
    #expect(try unpacked(Float.self, from: bytes("cb7ff8000000000000")).isNaN)
    #expect(try unpacked(Float.self, from: bytes("cb7ff0000000000000")) == .infinity)
  }

  @Test func packsNilAndBooleans() throws {
    #expect(try hex(packed(Optional<Int>.none)) == "c0")
    #expect(try hex(packed(Optional(5))) == "05")
    #expect(try hex(packed(true)) == "c3")
    #expect(try hex(packed(false)) == "c2")
    #expect(try unpacked(Int?.self, from: bytes("c0")) == nil)
    #expect(try unpacked(Int?.self, from: bytes("05")) == 5)
    #expect(try unpacked(Bool.self, from: bytes("c3")))
  }

  @Test(arguments: [
    (0, "a0"), (1, "a1"), (31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"), (65535, "daffff"),
    (65536, "db00010000"),
  ])
  func packsStrings(count: Int, header: String) throws {
    let text = String(repeating: "a", count: count)
    let expected = bytes(header) + Array(text.utf8)
    #expect(try packed(text) == expected)
    #expect(try unpacked(String.self, from: expected) == text)
    #expect(try MessagePackValue(parsing: expected) == .string(text))
    #expect(try MessagePackValue.string(text).serialized() == Data(expected))
  }

  @Test(arguments: [
    (0, "c400"), (1, "c401"), (255, "c4ff"), (256, "c50100"), (65535, "c5ffff"), (65536, "c600010000"),
  ])
  func packsBinary(count: Int, header: String) throws {
    let data = Data(repeating: 0x61, count: count)
    let expected = bytes(header) + data
    #expect(try packed(data) == expected)
    #expect(try unpacked(Data.self, from: expected) == data)
    #expect(try MessagePackValue(parsing: expected) == .binary(data))
    #expect(try MessagePackValue.binary(data).serialized() == Data(expected))
  }

  @Test(arguments: [
    (0, "90"), (1, "91"), (15, "9f"), (16, "dc0010"), (65535, "dcffff"), (65536, "dd00010000"),
  ])
  func packsArrays(count: Int, header: String) throws {
    let array = [Int?](repeating: nil, count: count)
    let expected = bytes(header) + [UInt8](repeating: 0xc0, count: count)
    #expect(try packed(array) == expected)
    #expect(try unpacked([Int?].self, from: expected) == array)
    #expect(try MessagePackValue(parsing: expected) == .array(Array(repeating: .nil, count: count)))
    // An element type without a direct path goes through the encoder, whose headers grow in place.
    let boxed = [Boxed](repeating: Boxed(), count: count)
    #expect(try MessagePackEncoder().encode(boxed) == Data(expected))
    #expect(try MessagePackDecoder().decode([Boxed].self, from: Data(expected)) == boxed)
  }

  @Test(arguments: [
    (0, "80"), (1, "81"), (15, "8f"), (16, "de0010"), (65535, "deffff"), (65536, "df00010000"),
  ])
  func packsMaps(count: Int, header: String) throws {
    let map = MessagePackMap((0..<count).map { .init(key: .string("k\($0)"), value: .nil) })
    let expected =
      bytes(header)
      + (0..<count).flatMap { index in
        let key = Array("k\(index)".utf8)
        return [0xa0 | UInt8(key.count)] + key + [0xc0]
      }
    #expect(try MessagePackValue.map(map).serialized() == Data(expected))
    #expect(try MessagePackValue(parsing: expected) == .map(map))
    let dictionary = try unpacked([String: Int?].self, from: expected)
    #expect(dictionary.count == count)
    #expect(try packed(dictionary).prefix(bytes(header).count) == bytes(header)[...])
    let boxed = try MessagePackDecoder().decode([String: Boxed].self, from: Data(expected))
    #expect(boxed.count == count)
    let encoded = try MessagePackEncoder().encode(boxed)
    #expect(encoded.prefix(bytes(header).count) == Data(bytes(header)))
    #expect(try MessagePackValue(parsing: encoded) == .map(map))
  }

  @Test(arguments: [
    (0, "c70005"), (1, "d405"), (2, "d505"), (3, "c70305"), (4, "d605"), (5, "c70505"), (7, "c70705"), (8, "d705"),
    (9, "c70905"), (15, "c70f05"), (16, "d805"), (17, "c71105"), (255, "c7ff05"), (256, "c8010005"),
    (65535, "c8ffff05"), (65536, "c90001000005"),
  ])
  func packsExtensions(count: Int, header: String) throws {
    let data = Data(repeating: 0x78, count: count)
    let expected = bytes(header) + data
    #expect(try MessagePackValue.ext(5, data).serialized() == Data(expected))
    #expect(try MessagePackValue(parsing: expected) == .ext(5, data))
  }

  @Test func unpacksWhatPythonSendsOfEveryKind() throws {
    let encoded = bytes(
      "9ac0c3ffcd012ccf8000000000000000cb3ff8000000000000a368c3a9c405627900ff749201910282a16b01c4016202")
    let value: MessagePackValue = [
      nil, true, -1, 300, .uint(9_223_372_036_854_775_808), 1.5, "hé", .binary(Data([0x62, 0x79, 0, 0xff, 0x74])),
      [1, [2]], .map(["k": 1, .binary(Data([0x62])): 2]),
    ]
    #expect(try MessagePackValue(parsing: encoded) == value)
    #expect(try value.serialized() == Data(encoded))
  }
}

/// Encodes itself as nil, and has no direct path.
struct Boxed: Codable, Hashable {
  init() {}

  init(from decoder: any Decoder) throws {
    guard try decoder.singleValueContainer().decodeNil() else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "expected nil"))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encodeNil()
  }
}
