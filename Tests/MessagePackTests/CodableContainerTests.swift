import Foundation
import MessagePack
import Testing

/// The less travelled parts of `Codable`.
@Suite struct CodableContainerTests {
  func encoded(_ encode: @escaping (any Encoder) throws -> Void) throws -> MessagePackValue {
    try MessagePackValue(parsing: MessagePackEncoder().encode(ByClosure(encode: encode)))
  }

  enum Key: String, CodingKey { case a, b, c, d }

  @Test func sharesOneContainerBetweenTwoRequests() throws {
    let value = try encoded { encoder in
      var first = encoder.container(keyedBy: Key.self)
      try first.encode(1, forKey: .a)
      var second = encoder.container(keyedBy: Key.self)
      try second.encode(2, forKey: .b)
      try first.encode(3, forKey: .c)
    }
    #expect(value == ["a": 1, "b": 2, "c": 3])
  }

  @Test func goesBackToAnEarlierContainer() throws {
    let value = try encoded { encoder in
      var top = encoder.container(keyedBy: Key.self)
      var list = top.nestedUnkeyedContainer(forKey: .a)
      try list.encode("x")
      var map = top.nestedContainer(keyedBy: Key.self, forKey: .b)
      try map.encode(1, forKey: .a)
      // `list` and `map` are no longer at the end here.
      try top.encode("after", forKey: .c)
      try list.encode(["y", "z"])
      try map.encode(Item(name: "n", price: 2), forKey: .b)
      var deep = list.nestedUnkeyedContainer()
      try list.encode(7)
      try deep.encode(8)
      var deepest = deep.nestedContainer(keyedBy: Key.self)
      try deepest.encode(9, forKey: .d)
      try deepest.encodeNil(forKey: .c)
      for number in 0..<20 { try deep.encode(number) }
      for number in 0..<20 { try list.encode(Int64(number)) }
      try top.encode(true, forKey: .d)
      try deepest.encode("end", forKey: .a)
      #expect(list.count == 24)
      #expect(deep.count == 22)
    }
    let deepest: MessagePackValue = ["d": 9, "c": nil, "a": "end"]
    let deep: [MessagePackValue] = [8, deepest] + (0..<20).map { .int($0) }
    let list: [MessagePackValue] = ["x", ["y", "z"], .array(deep), 7] + (0..<20).map { .int($0) }
    #expect(
      value == ["a": .array(list), "b": ["a": 1, "b": ["name": "n", "price": 2.0]], "c": "after", "d": true])
  }

  @Test func encodesThroughSuperEncodersInAnyOrder() throws {
    let value = try encoded { encoder in
      var top = encoder.container(keyedBy: Key.self)
      let early = top.superEncoder()
      let unused = top.superEncoder(forKey: .a)
      _ = unused
      let single = top.superEncoder(forKey: .b)
      try top.encode(1, forKey: .c)
      try Item(name: "late", price: 1).encode(to: early)
      var container = single.singleValueContainer()
      try container.encode("longer than the byte that kept its place")
      var list = top.nestedUnkeyedContainer(forKey: .d)
      var element = list.superEncoder().unkeyedContainer()
      try list.encode(2)
      try element.encode(3)
    }
    #expect(
      value == [
        "super": ["name": "late", "price": 1.0], "a": [:], "b": "longer than the byte that kept its place", "c": 1,
        "d": [[3], 2],
      ])
  }

  @Test func encodesAValueThatEncodesNothingAsAnEmptyMap() throws {
    struct Empty: Codable, Equatable {}
    #expect(try hex(MessagePackEncoder().encode(Empty())) == "80")
    #expect(try hex(MessagePackEncoder().encode([Empty(), Empty()])) == "928080")
    #expect(try MessagePackDecoder().decode(Empty.self, from: Data(bytes("80"))) == Empty())
    #expect(try encoded { _ in } == [:])
  }

  @Test func reportsMisuse() throws {
    let twice = messagePackError {
      try encoded { encoder in
        var container = encoder.singleValueContainer()
        try container.encode(1)
        try container.encode(2)
      }
    }
    #expect(twice?.code == .invalidValue)
    let two = messagePackError {
      try encoded { encoder in
        _ = encoder.unkeyedContainer()
        _ = encoder.container(keyedBy: Key.self)
      }
    }
    #expect(two?.code == .invalidValue)
    let stash = Stash()
    _ = try encoded { encoder in
      var container = encoder.unkeyedContainer()
      try container.encode(ByClosure { inner in stash.container = inner.unkeyedContainer() })
    }
    #expect(throws: (any Error).self) { try stash.container?.encode(1) }
    #expect(stash.container != nil)
  }

  @Test func keepsNothingOfAnElementThatFailed() throws {
    struct Failing: Encodable {
      struct Failure: Error {}
      func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode("something")
        var nested = container.nestedContainer(keyedBy: Key.self)
        try nested.encode(1, forKey: .a)
        throw Failure()
      }
    }
    let value = try encoded { encoder in
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(1, forKey: .a)
      try? container.encode(Failing(), forKey: .b)
      try container.encode(2, forKey: .c)
    }
    #expect(value == ["a": 1, "c": 2])
  }

  class Animal: Codable {
    var name: String
    init(name: String) { self.name = name }
  }

  final class Dog: Animal {
    var tricks: [String]
    init(name: String, tricks: [String]) {
      self.tricks = tricks
      super.init(name: name)
    }
    enum CodingKeys: CodingKey { case tricks }
    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      tricks = try container.decode([String].self, forKey: .tricks)
      try super.init(from: container.superDecoder())
    }
    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(tricks, forKey: .tricks)
      try super.encode(to: container.superEncoder())
    }
  }

  @Test func roundTripsClasses() throws {
    let data = try MessagePackEncoder().encode([Dog(name: "Rex", tricks: ["sit"])])
    #expect(try MessagePackValue(parsing: data) == [["tricks": ["sit"], "super": ["name": "Rex"]]])
    let dogs = try MessagePackDecoder().decode([Dog].self, from: data)
    #expect(dogs.first?.name == "Rex")
    #expect(dogs.first?.tricks == ["sit"])
  }

  @Test func decodesNestedContainers() throws {
    struct Coordinates: Decodable, Equatable {
      var x: Int
      var rest: [Int]
      enum Outer: CodingKey { case point, list }
      enum Inner: CodingKey { case x }
      init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Outer.self)
        let inner = try outer.nestedContainer(keyedBy: Inner.self, forKey: .point)
        x = try inner.decode(Int.self, forKey: .x)
        var list = try outer.nestedUnkeyedContainer(forKey: .list)
        var sub = try list.nestedUnkeyedContainer()
        let keyed = try list.nestedContainer(keyedBy: Inner.self)
        rest = [try sub.decode(Int.self), try keyed.decode(Int.self, forKey: .x)]
        #expect(try list.decodeNil())
        #expect(try !list.decodeNil())
        rest.append(try list.decode(Int.self))
        #expect(list.isAtEnd)
        #expect(throws: DecodingError.self) { try list.decode(Int.self) }
      }
    }
    let value: MessagePackValue = ["point": ["x": 1], "list": [[2], ["x": 3], nil, 4]]
    let data = try value.serialized()
    #expect(try MessagePackDecoder().decode(Coordinates.self, from: data).rest == [2, 3, 4])
  }

  @Test func passesUserInfo() throws {
    struct Informed: Codable {
      var text: String
      static let key = CodingUserInfoKey(rawValue: "key")
      init() { text = "" }
      init(from decoder: any Decoder) throws {
        text = Self.key.flatMap { decoder.userInfo[$0] as? String } ?? "none"
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.key.flatMap { encoder.userInfo[$0] as? String } ?? "none")
      }
    }
    let key = try #require(Informed.key)
    var encoder = MessagePackEncoder()
    encoder.userInfo[key] = "sent"
    let data = try encoder.encode([Informed()])
    #expect(try hex(data) == hex(packed(["sent"])))
    var decoder = MessagePackDecoder()
    decoder.userInfo[key] = "received"
    #expect(try decoder.decode([Informed].self, from: data).first?.text == "received")
  }
}

struct ByClosure: Encodable {
  let body: (any Encoder) throws -> Void
  init(encode: @escaping (any Encoder) throws -> Void) { body = encode }
  func encode(to encoder: any Encoder) throws { try body(encoder) }
}

final class Stash {
  var container: (any UnkeyedEncodingContainer)?
}
