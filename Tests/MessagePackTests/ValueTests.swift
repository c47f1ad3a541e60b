import Foundation
import MessagePack
import Testing

@Suite struct ValueTests {
  @Test func comparesByValue() {
    #expect(MessagePackValue.uint(5) == .int(5))
    #expect(MessagePackValue.uint(5).hashValue == MessagePackValue.int(5).hashValue)
    #expect(MessagePackValue.uint(.max) != .int(-1))
    #expect(MessagePackValue.int(1) != .double(1))
    #expect(MessagePackValue.string("a") != .binary(Data([0x61])))
    #expect(MessagePackValue(UInt64.max) == .uint(.max))
    #expect(MessagePackValue(UInt64(3)) == .int(3))
    let map: MessagePackValue = ["a": 1, "b": 2]
    let reversed: MessagePackValue = ["b": 2, "a": 1]
    #expect(map == reversed)
    #expect(map.hashValue == reversed.hashValue)
    #expect(map != ["a": 1, "b": 3])
    #expect(MessagePackValue.map(["a": 1, "a": 1, "b": 2]) != .map(["a": 1, "b": 2, "b": 2]))
  }

  @Test func keepsTheOrderOfMaps() throws {
    let value: MessagePackValue = ["z": 1, "a": 2, "m": 3]
    #expect(try MessagePackValue(parsing: value.serialized()).mapValue?.map(\.key) == ["z", "a", "m"])
  }

  @Test func convertsLeniently() {
    #expect(MessagePackValue.double(3).intValue == 3)
    #expect(MessagePackValue.double(3.5).intValue == nil)
    #expect(MessagePackValue.double(.nan).intValue == nil)
    #expect(MessagePackValue.uint(.max).intValue == nil)
    #expect(MessagePackValue.uint(.max).uintValue == .max)
    #expect(MessagePackValue.int(-1).uintValue == nil)
    #expect(MessagePackValue.int(2).doubleValue == 2)
    #expect(MessagePackValue.binary(Data("pong".utf8)).stringValue == "pong")
    #expect(MessagePackValue.binary(Data([0xff])).stringValue == nil)
    #expect(MessagePackValue.string("é").dataValue == Data("é".utf8))
    #expect(MessagePackValue.int(1).boolValue == nil)
    #expect(MessagePackValue.array([1, 2])[1] == 2)
    #expect(MessagePackValue.array([1, 2])[2] == nil)
    #expect(MessagePackValue.array([1, 2])[-1] == nil)
    #expect(MessagePackValue.map([.binary(Data([0x62])): 2])["b"] == 2)
    #expect(MessagePackValue.int(1)["b"] == nil)
  }

  @Test func describesItself() {
    let value: MessagePackValue = ["a": [nil, true, -1, 1.5, "x\"y", .binary(Data([0, 255])), .ext(5, Data([16]))]]
    #expect("\(value)" == "[\"a\": [nil, true, -1, 1.5, \"x\\\"y\", 0x00ff, ext(5, 0x10)]]")
    #expect("\(MessagePackValue.map([:])) \(MessagePackValue.array([]))" == "[:] []")
  }

  @Test func editsMaps() {
    var map: MessagePackMap = ["a": 1]
    map["b"] = 2
    map["a"] = 3
    #expect(map == ["a": 3, "b": 2])
    map["a"] = Optional<MessagePackValue>.none
    #expect(map == ["b": 2])
    map["n"] = .some(.nil)
    #expect(map["n"] == .some(.nil))
  }

  @Test func parsesAnyCollection() throws {
    #expect(try MessagePackValue(parsing: [0x01]) == 1)
    #expect(try MessagePackValue(parsing: Data([0x01])) == 1)
    #expect(try MessagePackValue(parsing: Data([0xff, 0x01]).dropFirst()) == 1)
    #expect(try MessagePackValue(parsing: [[0x92, 0x01], [0x02]].joined().map { UInt8($0) }) == [1, 2])
    #expect(try MessagePackValue(parsing: repeatElement(UInt8(0x91), count: 31).reversed() + [0x05]).kind == .array)
  }
}
