import Foundation
import MessagePack
import Testing

@testable import zrpc

@Suite struct JSONWriterTests {
  static let pairs: [(MessagePackValue, String)] = [
    (.nil, "null"), (.bool(true), "true"), (.int(-5), "-5"), (.uint(.max), "18446744073709551615"),
    (.double(1), "1.0"), (.double(0.1), "0.1"), (.double(1e300), "1e+300"), (.double(-0.0), "-0.0"),
    (.double(.infinity), #"{"$double": "Infinity"}"#), (.double(-.infinity), #"{"$double": "-Infinity"}"#),
    (.string("hé \"\\\n\t"), #""hé \"\\\n\t""#), (.string("😀"), "\"😀\""),
    (.binary(Data([0, 1, 2])), #"{"$binary": "AAEC"}"#), (.binary(Data()), #"{"$binary": ""}"#),
    (.array([1, [nil]]), "[1, [null]]"), (.array([]), "[]"), (.map([:]), "{}"),
    (.map(["b": 1, "a": ["c": 2.5]]), #"{"b": 1, "a": {"c": 2.5}}"#),
    (.ext(5, Data([0, 1, 2])), #"{"$ext": [5, "AAEC"]}"#),
    (.map([7: 2, "key": 1]), #"{"$map": [[7, 2], ["key", 1]]}"#),
    (.map([.binary(Data("k".utf8)): 1]), #"{"$map": [[{"$binary": "aw=="}, 1]]}"#),
    (.map(["$binary": "AAEC"]), #"{"$map": [["$binary", "AAEC"]]}"#),
    (.map(["$binary": 1, "$map": 2]), #"{"$binary": 1, "$map": 2}"#),
  ]

  @Test(arguments: pairs)
  func writesAndReadsBack(value: MessagePackValue, text: String) throws {
    #expect(value.json == text)
    #expect(try MessagePackValue(json: text) == value)
  }

  @Test func writesNotANumber() throws {
    #expect(MessagePackValue.double(.nan).json == #"{"$double": "NaN"}"#)
    #expect(try MessagePackValue(json: #"{"$double": "NaN"}"#).doubleValue?.isNaN == true)
  }

  @Test func escapesWhatATerminalWouldObey() {
    #expect(MessagePackValue.string("\u{1b}[2J\u{0}\u{7f}\u{9b}").json == #""\u001b[2J\u0000\u007f\u009b""#)
  }

  @Test func writesAMapThatHasAKeyTwice() {
    let map = MessagePackMap([.init(key: "a", value: 1), .init(key: "a", value: 2)])
    #expect(MessagePackValue.map(map).json == #"{"$map": [["a", 1], ["a", 2]]}"#)
  }
}
