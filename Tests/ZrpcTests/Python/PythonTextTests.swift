import Foundation
import MessagePack
import TestSupport
import Testing

@testable import zrpc

/// Values as Python writes them.
@Suite struct PythonTextTests {
  @Test(
    arguments: [
      (1, "1.0"), (-0.0, "-0.0"), (1e15, "1000000000000000.0"), (1e16, "1e+16"), (0.0001, "0.0001"), (1e-5, "1e-05"),
      (12_345_678_901_234_568, "1.2345678901234568e+16"), (1.5e-7, "1.5e-07"), (.leastNonzeroMagnitude, "5e-324"),
      (1e100, "1e+100"),
      (123.25, "123.25"), (.nan, "nan"), (-.infinity, "-inf"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) {
    #expect(PythonText.repr(value) == text)
  }

  @Test(arguments: [
    ("it", "'it'"), ("it's", "\"it's\""), ("it's \"it\"", "'it\\'s \"it\"'"), ("hé\u{2028}\u{1F600}", "'hé\\u2028😀'"),
    ("a\\\n\t\u{7f}", "'a\\\\\\n\\t\\x7f'"), ("\u{e000}\u{e0001}", "'\\ue000\\U000e0001'"),
  ])
  func strings(value: String, text: String) {
    #expect(PythonText.repr(value) == text)
  }

  @Test(arguments: [
    ("null", "None"), ("true", "True"), ("-5", "-5"), ("18446744073709551615", "18446744073709551615"),
    (#"{"$binary": "AEEn/w=="}"#, "b\"\\x00A'\\xff\""), (#"[1, [], {"a": null}]"#, "[1, [], {'a': None}]"),
    ("{}", "{}"),
    (#"{"$map": [["b", 1], ["a", 2], [{"$binary": "Yg=="}, 3]]}"#, "{b'b': 3, 'a': 2, 'b': 1}"),
    (#"{"$ext": [5, "AQ=="]}"#, "ExtType(code=5, data=b'\\x01')"),
    (#"{"$date": "1970-01-01T00:00:01.5Z"}"#, "Timestamp(seconds=1, nanoseconds=500000000)"),
  ])
  func values(json: String, text: String) throws {
    let value = try MessagePackValue(json: json)
    #expect(PythonText.repr(value) == text)
    #expect(PythonPrinter.format(value) == text)
  }

  @Test(arguments: [
    (#""hé\"\ud83d\ude00\u0001""#, #""h\u00e9\"\ud83d\ude00\u0001""#),
    (#"[1, 2.0, null, {"a":true}]"#, #"[1, 2.0, null, {"a": true}]"#),
    (#"{"$double": "NaN"}"#, "NaN"), ("1e16", "1e+16"), (#"{"$binary": "AQ=="}"#, #"{"$binary": "AQ=="}"#),
  ])
  func json(value: String, text: String) throws {
    #expect(PythonJSON.format(try MessagePackValue(json: value)) == text)
  }
}

extension ZrpcInterop {
  /// The same values, written by Python itself.
  @Suite struct PythonPrinterTests {
    @Test func writesWhatPythonWrites() async throws {
      let python = try PythonPeer()
      try await python.run("import json, pprint, msgpack")
      var generator = Generator(state: 20_251_121)
      var values = (0..<400).map { _ in generator.value(depth: 4) }
      values += (0..<200).map { _ in .string(generator.text(upTo: 200)) }
      let bytes = try MessagePackValue.array(values).serialized()
      try await python.run(
        "values = msgpack.unpackb(bytes.fromhex('\(bytes.map { PythonText.digits(UInt32($0), 2) }.joined())'))")
      let answer = try await python.string("json.dumps([pprint.pformat(v) for v in values]).encode().hex()")
      let expected = try #require(try MessagePackValue(json: text(ofDigits: answer)).arrayValue)
      #expect(expected.count == values.count)
      for (value, text) in zip(values, expected) { #expect(PythonPrinter.format(value) == text.stringValue) }
      let dumped = values.filter { !$0.containsBinary }
      let again = try MessagePackValue.array(dumped).serialized()
      try await python.run(
        "values = msgpack.unpackb(bytes.fromhex('\(again.map { PythonText.digits(UInt32($0), 2) }.joined())'))")
      let json = try await python.string("json.dumps(values).encode().hex()")
      #expect(PythonJSON.format(.array(dumped)) == text(ofDigits: json))
    }

    private func text(ofDigits digits: String) -> String {
      let digits = Array(digits)
      let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension MessagePackValue {
  fileprivate var containsBinary: Bool {
    switch self {
    case .binary, .ext: true
    case .array(let elements): elements.contains(where: \.containsBinary)
    case .map(let map): map.contains { $0.key.containsBinary || $0.value.containsBinary }
    default: false
    }
  }
}

/// Makes values from a seed (SplitMix64), so that a failure can be repeated.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func text(upTo length: Int) -> String {
    let alphabet: [String] = [
      "a", "word", " ", "  ", "'", "\"", "\\", "\n", "\r\n", "\t", "é", "\u{2028}", "\u{85}", "😀", "\u{a0}", "0",
      "\u{1}",
    ]
    return (0..<Int.random(in: 0...length / 2, using: &self)).map { _ in
      // Words above all, so that lines break between them.
      Bool.random(using: &self)
        ? ["lorem ", "ipsum "].randomElement(using: &self) ?? "" : alphabet.randomElement(using: &self) ?? ""
    }.joined()
  }

  mutating func value(depth: Int) -> MessagePackValue {
    switch Int.random(in: 0..<(depth > 0 ? 11 : 7), using: &self) {
    case 0: return .nil
    case 1: return .bool(.random(using: &self))
    case 2: return .int(Int64(truncatingIfNeeded: next() >> UInt64.random(in: 0..<60, using: &self)))
    case 3:
      let number = Double(bitPattern: next())
      return .double(number.isFinite ? number : 0.1)
    case 4: return .double(Double(Int.random(in: -99_999...99_999, using: &self)) / 1000)
    case 5: return .string(text(upTo: 20))
    case 6:
      return .binary(
        Data((0..<Int.random(in: 0..<60, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }))
    case 7, 8: return .array((0..<Int.random(in: 0..<8, using: &self)).map { _ in value(depth: depth - 1) })
    default:
      var map = MessagePackMap()
      for _ in 0..<Int.random(in: 0..<6, using: &self) { map[text(upTo: 8) + "k"] = value(depth: depth - 1) }
      return .map(map)
    }
  }
}
