import Foundation
import MessagePack
import Testing

/// What is accepted for a type besides its own format, because other languages send it, and what is not.
@Suite struct LeniencyTests {
  @Test(arguments: [
    // Node sends integers beyond 32 bits as doubles.
    ("cb4270000000000000", 1_099_511_627_776), ("cbc270000000000000", -1_099_511_627_776), ("cb0000000000000000", 0),
    ("cb8000000000000000", 0), ("ca40000000", 2), ("cbc3e0000000000000", Int.min),
  ])
  func acceptsWholeDoublesForIntegers(encoded: String, value: Int) throws {
    #expect(try unpacked(Int.self, from: bytes(encoded)) == value)
    #expect(try MessagePackDecoder().decode(Int.self, from: Data(bytes(encoded))) == value)
    #expect(try MessagePackDecoder().decode(Holder<Int>.self, from: Data(bytes("81a176" + encoded))).v == value)
  }

  @Test(arguments: [
    ("cb3ff8000000000000", MessagePackError.Code.typeMismatch), ("cb7ff8000000000000", .typeMismatch),
    // An infinity is its own integral part, but no integer.
    ("cb7ff0000000000000", .typeMismatch), ("cb43e0000000000000", .outOfRange), ("cfffffffffffffffff", .outOfRange),
    ("a131", .typeMismatch), ("c3", .typeMismatch), ("c0", .typeMismatch), ("90", .typeMismatch), ("80", .typeMismatch),
    ("c40131", .typeMismatch), ("d40500", .typeMismatch),
  ])
  func refusesOtherThingsForIntegers(encoded: String, code: MessagePackError.Code) throws {
    #expect(messagePackError { try unpacked(Int.self, from: bytes(encoded)) }?.code == code)
    #expect(
      messagePackError { try MessagePackDecoder().decode(Holder<Int>.self, from: Data(bytes("81a176" + encoded))) }?
        .code == code)
  }

  @Test func refusesIntegersThatDoNotFit() {
    #expect(messagePackError { try unpacked(Int8.self, from: bytes("cc80")) }?.code == .outOfRange)
    #expect(messagePackError { try unpacked(UInt8.self, from: bytes("ff")) }?.code == .outOfRange)
    #expect(messagePackError { try unpacked(UInt8.self, from: bytes("cd0100")) }?.code == .outOfRange)
    #expect(messagePackError { try unpacked(UInt64.self, from: bytes("ff")) }?.code == .outOfRange)
    #expect(messagePackError { try unpacked(UInt.self, from: bytes("cbbff0000000000000")) }?.code == .outOfRange)
    #expect(messagePackError { try unpacked(Int32.self, from: bytes("ce80000000")) }?.code == .outOfRange)
  }

  @Test func acceptsIntegersForFloatingPoint() throws {
    #expect(try unpacked(Double.self, from: bytes("01")) == 1)
    #expect(try unpacked(Double.self, from: bytes("ff")) == -1)
    #expect(try unpacked(Double.self, from: bytes("cfffffffffffffffff")) == 18_446_744_073_709_551_616)
    #expect(try unpacked(Float.self, from: bytes("7f")) == 127)
    #expect(messagePackError { try unpacked(Double.self, from: bytes("a131")) }?.code == .typeMismatch)
    #expect(messagePackError { try unpacked(Float.self, from: bytes("cb7fefffffffffffff")) }?.code == .outOfRange)
  }

  @Test(arguments: ["00", "01", "a474727565", "c0", "cb3ff0000000000000"])
  func acceptsOnlyBooleansForBool(encoded: String) {
    #expect(messagePackError { try unpacked(Bool.self, from: bytes(encoded)) }?.code == .typeMismatch)
  }

  @Test func acceptsUTF8BinaryForStringsBecausePython2SendsIt() throws {
    #expect(try unpacked(String.self, from: bytes("c40568c3a9c3a9")) == "héé")
    #expect(try unpacked(String.self, from: bytes("c400")) == "")
    #expect(messagePackError { try unpacked(String.self, from: bytes("c402c328")) }?.code == .invalidUTF8)
    #expect(messagePackError { try unpacked(String.self, from: bytes("01")) }?.code == .typeMismatch)
    #expect(messagePackError { try unpacked(String.self, from: bytes("c0")) }?.code == .typeMismatch)
  }

  @Test func acceptsStringsForData() throws {
    #expect(try unpacked(Data.self, from: bytes("a3616263")) == Data("abc".utf8))
    // Bytes need not be UTF-8, whatever they are called.
    #expect(try unpacked(Data.self, from: bytes("a2c328")) == Data([0xc3, 0x28]))
    #expect(messagePackError { try unpacked(Data.self, from: bytes("9101")) }?.code == .typeMismatch)
  }

  @Test func acceptsBinaryMapKeys() throws {
    let encoded = bytes("82a16101c4016202")
    #expect(try unpacked([String: Int].self, from: encoded) == ["a": 1, "b": 2])
    #expect(try MessagePackDecoder().decode(TwoFields.self, from: Data(encoded)) == TwoFields(a: 1, b: 2))
    let value = try MessagePackValue(parsing: encoded)
    #expect(value["b"]?.intValue == 2)
    try encoded.withUnsafeBytes { buffer in
      try MessagePackParser.withView(of: buffer) { view in
        let (a, b) = try (view.required("a", as: Int.self), view["b"]?.decode(Int.self))
        #expect(a == 1)
        #expect(b == 2)
        #expect(view["c"] == nil)
      }
    }
  }

  @Test func decodesIntegerKeysThoughItNeverSendsThem() throws {
    let encoded = Data(bytes("8201a1612aa162"))
    #expect(try MessagePackDecoder().decode([Int: String].self, from: encoded) == [1: "a", 42: "b"])
    #expect(try MessagePackDecoder().decode([Int: String].self, from: Data(bytes("81a131a161"))) == [1: "a"])
    #expect(messagePackError { try unpacked([String: String].self, from: Array(encoded)) }?.code == .unsupportedMapKey)
  }

  @Test func keepsTheLastOfEqualKeys() throws {
    let encoded = bytes("82a16101a16102")
    #expect(try unpacked([String: Int].self, from: encoded) == ["a": 2])
    #expect(try MessagePackDecoder().decode(Holder<Int>.self, from: Data(bytes("82a17601a17602"))).v == 2)
  }

  @Test func ignoresBytesBehindTheValueOnlyWhereMessagesAreRead() throws {
    let encoded = bytes("0102c1")
    #expect(try unpacked(Int.self, from: encoded) == 1)
    #expect(messagePackError { try MessagePackValue(parsing: encoded) }?.code == .malformed)
    #expect(messagePackError { try MessagePackDecoder().decode(Int.self, from: Data(encoded)) }?.code == .malformed)
  }
}

struct Holder<Value: Codable>: Codable {
  var v: Value
}

struct TwoFields: Codable, Equatable {
  var a: Int
  var b: Int
}
