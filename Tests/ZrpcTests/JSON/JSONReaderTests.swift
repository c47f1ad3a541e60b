import MessagePack
import Testing

@testable import zrpc

@Suite struct JSONReaderTests {
  @Test(
    arguments: [
      ("null", .nil), ("true", .bool(true)), (" false ", .bool(false)),
      ("0", .int(0)), ("-5", .int(-5)), ("-0", .int(0)),
      ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .uint(1 << 63)), ("18446744073709551615", .uint(.max)),
      ("1.0", .double(1)), ("1e3", .double(1000)), ("-2.5E-1", .double(-0.25)),
      (#""""#, .string("")), (#""hé\n\"\\\/\b\f\r\t""#, .string("hé\n\"\\/\u{8}\u{c}\r\t")),
      (#""\u00e9\ud83d\ude00""#, .string("é😀")),
      ("[]", .array([])), ("[1, [2], {}]", .array([.int(1), .array([.int(2)]), .map([:])])),
      (#"{"b": 1, "a": [null]}"#, .map(["b": 1, "a": [nil]])),
    ] as [(String, MessagePackValue)])
  func reads(text: String, expected: MessagePackValue) throws {
    #expect(try MessagePackValue(json: text) == expected)
  }

  @Test func keepsTheOrderOfKeys() throws {
    let map = try #require(try MessagePackValue(json: #"{"z": 1, "a": 2, "m": 3}"#).mapValue)
    #expect(map.map(\.key) == ["z", "a", "m"])
  }

  @Test(arguments: [
    "", " ", "hello", "nul", "nullx", "tru e", "NaN", "Infinity", "+1", "01", "1.", ".5", "-", "1e", "0x10", "1 2",
    "[1,]", "[1", "[,]", "]", "{", #"{"a"}"#, #"{"a": }"#, "{a: 1}", #"{"a": 1,}"#, "\"", #""\x""#, #""\u12""#,
    #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, "\"a\nb\"", "'a'", "١",
  ])
  func refusesWhatIsNotJSON(text: String) {
    #expect { try MessagePackValue(json: text) } throws: { ($0 as? JSONError)?.isSyntax == true }
  }

  @Test(arguments: [
    ("99999999999999999999", "does not fit 64 bits"), ("-9223372036854775809", "does not fit 64 bits"),
    ("1e999", "too large"), (#"{"a": 1, "a": 2}"#, "'a' appears twice"),
    (String(repeating: "[", count: 100_000), "nested deeper than 32 levels"),
    (#"{"$binary": "?"}"#, "$binary takes a string in base64"), (#"{"$binary": 1}"#, "$binary takes"),
    (#"{"$double": "1"}"#, "$double takes"), (#"{"$ext": [200, ""]}"#, "$ext takes"), (#"{"$ext": [1]}"#, "$ext takes"),
    (#"{"$map": [[1]]}"#, "$map takes a list of pairs"), (#"{"$date": "yesterday"}"#, "$date takes"),
    (#"{"$date": "2025-02-30T00:00:00Z"}"#, "$date takes"), (#"{"$date": "2025-11-21T02:00:00+01:00"}"#, "$date takes"),
    (#"{"$date": "2025-11-21T02:00:00.0000000001Z"}"#, "$date takes"),
  ])
  func refusesWhatCannotBeSent(text: String, reason: String) {
    #expect {
      try MessagePackValue(json: text)
    } throws: { error in
      guard let error = error as? JSONError else { return false }
      return !error.isSyntax && error.message.contains(reason)
    }
  }

  @Test func namesThePlaceOfAnError() {
    #expect(throws: JSONError(isSyntax: true, message: "',' or ']' expected at character 4")) {
      try MessagePackValue(json: "[1 2]")
    }
  }
}
