import Foundation
import MessagePack
import Testing

/// An error names the value that it is about, says what was expected and found, and what to do.
@Suite struct PathTests {
  struct Line: Codable, Equatable {
    var price: Double
    var counts: [String: [Int]]?
  }

  struct Cart: Codable, Equatable {
    var items: [Line]
  }

  func decodingError<T: Decodable>(_ type: T.Type, _ value: MessagePackValue) throws -> MessagePackError? {
    let data = try value.serialized()
    return messagePackError { try MessagePackDecoder().decode(type, from: data) }
  }

  @Test func namesThePathThroughCodable() throws {
    let error = try decodingError(Cart.self, ["items": [["price": 1], ["price": 2], ["price": 3], ["price": "12"]]])
    #expect(error?.path == "items[3].price")
    #expect(error?.code == .typeMismatch)
    #expect(error?.prefixed(by: "args[1]").path == "args[1].items[3].price")
    #expect(error.map { "\($0)" } == "items[3].price: expected Double, found string \"12\"; send a number")
  }

  @Test func namesThePathFromCodableIntoTheDirectPath() throws {
    let error = try decodingError(Cart.self, ["items": [["price": 1, "counts": ["x y": [1, 2, nil]]]]])
    #expect(error?.path == "items[0].counts[\"x y\"][2]")
  }

  @Test func namesMissingKeys() throws {
    let error = try decodingError(Cart.self, ["items": [["prize": 1]]])
    #expect(error?.code == .missingKey)
    #expect(error?.path == "items[0]")
    #expect(error?.message == "expected the key \"price\", found \"prize\"; send it, or make it optional")
  }

  @Test func namesThePathOnTheDirectPath() throws {
    let value: MessagePackValue = ["a": [[1], [2, "x"]]]
    let data = try value.serialized()
    let error = messagePackError { try unpacked([String: [[Int]]].self, from: Array(data)) }
    #expect(error?.path == "a[1][1]")
    #expect(error?.prefixed(by: "args[0]").path == "args[0].a[1][1]")
    #expect(error?.message.hasPrefix("expected Int, found string \"x\"; send a whole number from ") == true)
  }

  @Test func namesThePathInTheValueType() throws {
    // 0xc3 0x28 is no UTF-8.
    let error = messagePackError { try MessagePackValue(parsing: bytes("82a16101a1629201a2c328")) }
    #expect(error?.code == .invalidUTF8)
    #expect(error?.path == "b[1]")
  }

  @Test func refusesToSendIntegerKeys() throws {
    let direct = messagePackError { try MessagePackEncoder().encode([1: "a"]) }
    #expect(direct?.code == .unsupportedMapKey)
    #expect(direct?.path == "")
    #expect(direct?.message.contains("String($0.key)") == true)

    struct Outer: Codable {
      var list: [Holder<[Int: String]>]
    }
    let outer = Outer(list: [Holder(v: [:]), Holder(v: [5: "x"])])
    let nested = messagePackError { try MessagePackEncoder().encode(outer) }
    // Also an empty one: that it works by luck would hide the mistake.
    #expect(nested?.path == "list[0].v")
    #expect(nested?.code == .unsupportedMapKey)

    var packer = MessagePackPacker()
    packer.packNil()
    #expect(messagePackError { try packer.pack(Optional([1: "a"])) }?.code == .unsupportedMapKey)
    #expect(packer.count == 1)
  }

  @Test func refusesToSendOtherKeysOfTheValueType() {
    let value: MessagePackValue = ["a": [.map([1: 2])]]
    let error = messagePackError { try value.serialized() }
    #expect(error?.code == .unsupportedMapKey)
    #expect(error?.path == "a[0]")
    #expect(messagePackError { try MessagePackValue.map([nil: 1]).serialized() }?.code == .unsupportedMapKey)
    #expect(messagePackError { try MessagePackValue.map([.binary(Data([1])): 1]).serialized() } == nil)
  }

  @Test func sendsStringsThatLookLikeIntegersAsKeys() throws {
    #expect(try hex(MessagePackEncoder().encode(["12": Boxed()])) == "81a23132c0")
  }

  @Test func cutsLongTextsOfThePeer() throws {
    let error = try decodingError(Int.self, .string(String(repeating: "x", count: 10_000)))
    #expect((error?.message.utf8.count ?? 0) < 200)
    let keyed = messagePackError {
      try unpacked([String: Int].self, from: Array([String(repeating: "k", count: 10_000): "x"].asValue.serialized()))
    }
    #expect((keyed?.description.utf8.count ?? 0) < 300)
  }

  @Test func letsTypesCatchDecodingErrors() throws {
    struct Either: Decodable, Equatable {
      var text: String

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
          text = String(try container.decode(Int.self))
        } catch DecodingError.typeMismatch {
          text = try container.decode(String.self)
        }
      }
    }
    #expect(try MessagePackDecoder().decode([Either].self, from: Data(bytes("9205a178"))).map(\.text) == ["5", "x"])
  }

  @Test func keepsAnErrorOfTheTypeItself() throws {
    struct Picky: Codable {
      struct Refusal: Error {}
      init(from decoder: any Decoder) throws { throw Refusal() }
      func encode(to encoder: any Encoder) throws { throw Refusal() }
      init() {}
    }
    #expect(throws: Picky.Refusal.self) { try MessagePackDecoder().decode([Picky].self, from: Data(bytes("9101"))) }
    #expect(throws: Picky.Refusal.self) { try MessagePackEncoder().encode([Picky()]) }
  }

  @Test func tellsTheCodingPathToTypes() throws {
    struct Spy: Codable {
      var path: String
      init() { path = "" }
      init(from decoder: any Decoder) throws {
        path = decoder.codingPath.map(\.stringValue).joined(separator: "/")
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(encoder.codingPath.map(\.stringValue).joined(separator: "/"))
      }
    }
    let encoded = try MessagePackEncoder().encode(["a": [Holder(v: Spy())]])
    #expect(try MessagePackValue(parsing: encoded) == ["a": [["v": "a/Index 0/v"]]])
    let decoded = try MessagePackDecoder().decode([String: [Holder<Spy>]].self, from: encoded)
    #expect(decoded["a"]?.first?.v.path == "a/Index 0/v")
  }
}

extension Dictionary where Key == String, Value == String {
  var asValue: MessagePackValue {
    .map(MessagePackMap(map { .init(key: .string($0.key), value: .string($0.value)) }))
  }
}
