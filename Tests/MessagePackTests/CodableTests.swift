import Foundation
import MessagePack
import Testing

struct Item: Codable, Equatable {
  var name: String
  var price: Double
  var tags: [String]?
}

struct Order: Codable, Equatable {
  var id: Int
  var items: [Item]
  var extra: [String: Item]
  var data: Data
  var date: Date
  var pair: [Int]
}

@Suite struct CodableTests {
  func roundTrip<T: Codable & Equatable>(_ value: T, as expected: MessagePackValue? = nil) throws {
    let data = try MessagePackEncoder().encode(value)
    if let expected { #expect(try MessagePackValue(parsing: data) == expected) }
    #expect(try MessagePackDecoder().decode(T.self, from: data) == value)
    // As generated code and the runtime do it.
    var packer = MessagePackPacker()
    try packer.pack(value)
    try packer.withUnsafeBytes { bytes in
      #expect(Data(bytes) == data)
      let back = try MessagePackParser.withView(of: bytes) { try $0.decode(T.self) }
      #expect(back == value)
    }
  }

  @Test func roundTripsANestedStruct() throws {
    try roundTrip(
      Order(
        id: 7, items: (0..<20).map { Item(name: "item \($0)", price: Double($0) / 4, tags: $0 % 2 == 0 ? ["a"] : nil) },
        extra: ["x": Item(name: "é", price: .infinity)], data: Data([0, 255]), date: Date(), pair: [1, -2]))
  }

  struct Everything: Codable, Equatable {
    var bool = true
    var int = Int.min
    var int8 = Int8.min
    var int16 = Int16.min
    var int32 = Int32.min
    var int64 = Int64.max
    var uint = UInt.max
    var uint8 = UInt8.max
    var uint16 = UInt16.max
    var uint32 = UInt32.max
    var uint64 = UInt64.max
    var float = Float(0.1)
    var double = 0.1
    var string = "é"
    var url = URL(string: "https://example.com/a?b")
    var uuid = UUID()
    var data = Data([1, 2])
    var date = Date(timeIntervalSinceReferenceDate: 0.5)
    var array: [UInt8] = [1, 2]
    var set: Set<String> = ["a"]
    var nothing: Int?
    var something: Int? = 5
    var optionals: [Int?] = [1, nil]
    var value: MessagePackValue = ["k": [nil, 1]]
    var character = ["a", "b"]
  }

  @Test func roundTripsEveryStandardType() throws {
    try roundTrip(Everything())
    let value = try MessagePackValue(parsing: MessagePackEncoder().encode(Everything()))
    #expect(value["url"] == "https://example.com/a?b")
    #expect(value["data"] == .binary(Data([1, 2])))
    #expect(value["array"] == [1, 2])
    #expect(value["nothing"] == nil)
    #expect(value["value"] == ["k": [nil, 1]])
    #expect(value["date"]?.kind == .extension)
  }

  @Test func sendsEveryScalarThroughEveryContainer() throws {
    struct Scalars: Codable, Equatable {
      var list = Everything()
      init() {}
      init(from decoder: any Decoder) throws {
        var box = try decoder.unkeyedContainer()
        #expect(try box.decode(Bool.self) == list.bool)
        #expect(try box.decode(Int.self) == list.int)
        #expect(try box.decode(Int8.self) == list.int8)
        #expect(try box.decode(Int16.self) == list.int16)
        #expect(try box.decode(Int32.self) == list.int32)
        #expect(try box.decode(Int64.self) == list.int64)
        #expect(try box.decode(UInt.self) == list.uint)
        #expect(try box.decode(UInt8.self) == list.uint8)
        #expect(try box.decode(UInt16.self) == list.uint16)
        #expect(try box.decode(UInt32.self) == list.uint32)
        #expect(try box.decode(UInt64.self) == list.uint64)
        #expect(try box.decode(Float.self) == list.float)
        #expect(try box.decode(Double.self) == list.double)
        #expect(try box.decode(String.self) == list.string)
        #expect(box.isAtEnd)
      }
      func encode(to encoder: any Encoder) throws {
        var box = encoder.unkeyedContainer()
        try box.encode(list.bool)
        try box.encode(list.int)
        try box.encode(list.int8)
        try box.encode(list.int16)
        try box.encode(list.int32)
        try box.encode(list.int64)
        try box.encode(list.uint)
        try box.encode(list.uint8)
        try box.encode(list.uint16)
        try box.encode(list.uint32)
        try box.encode(list.uint64)
        try box.encode(list.float)
        try box.encode(list.double)
        try box.encode(list.string)
      }
      static func == (left: Scalars, right: Scalars) -> Bool { true }
    }
    try roundTrip(Scalars())
    try roundTrip(Raw<Int8>(rawValue: -1))
    try roundTrip(Raw<Int16>(rawValue: -300))
    try roundTrip(Raw<Int32>(rawValue: .min))
    try roundTrip(Raw<Int64>(rawValue: .min))
    try roundTrip(Raw<UInt>(rawValue: .max))
    try roundTrip(Raw<UInt8>(rawValue: .max))
    try roundTrip(Raw<UInt16>(rawValue: .max))
    try roundTrip(Raw<UInt32>(rawValue: .max))
    try roundTrip(Raw<UInt64>(rawValue: .max))
    try roundTrip(Raw<Float>(rawValue: 0.1))
    try roundTrip(Raw<Double>(rawValue: 0.1))
    try roundTrip(Raw<Bool>(rawValue: true))
    try roundTrip(Raw<String>(rawValue: "x"))
    try roundTrip(Raw<Date>(rawValue: Date(timeIntervalSince1970: 1)))
  }

  /// Writes itself through a single value container.
  struct Raw<Value: Codable & Equatable>: Codable, Equatable {
    var rawValue: Value
    init(rawValue: Value) { self.rawValue = rawValue }
    init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(Value.self) }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(rawValue)
    }
  }

  enum Color: String, Codable, Hashable, CodingKeyRepresentable { case red, green }
  enum Level: Int, Codable { case low = 1, high }
  enum Shape: Codable, Equatable {
    case circle(radius: Double)
    case square(Double)
    case none
  }

  @Test func roundTripsEnums() throws {
    try roundTrip(Color.red, as: "red")
    try roundTrip(Level.high, as: 2)
    try roundTrip(
      [Shape.circle(radius: 1), .square(2), .none],
      as: [["circle": ["radius": 1.0]], ["square": ["_0": 2.0]], ["none": [:]]])
    let error = messagePackError { try MessagePackDecoder().decode([Color].self, from: Data(bytes("91a4626c7565"))) }
    #expect(error?.path == "[0]")
    #expect(error?.code == .invalidValue)
  }

  @Test func roundTripsDictionaries() throws {
    try roundTrip(["a": 1], as: ["a": 1])
    try roundTrip(["a": Level.low], as: ["a": 1])
    try roundTrip([Color.green: 1], as: ["green": 1])
    try roundTrip([Color.green: Item(name: "n", price: 1)], as: ["green": ["name": "n", "price": 1.0]])
    try roundTrip(["a": ["b": [1, 2]]], as: ["a": ["b": [1, 2]]])
    try roundTrip([String: Item]())
    // The standard library's way for other keys: an array of keys and values.
    try roundTrip([Date(timeIntervalSince1970: 5): 1], as: [.ext(-1, Data([0, 0, 0, 5])), 1])
  }

  @Test func roundTripsOptionals() throws {
    try roundTrip(Item?.none, as: .nil)
    try roundTrip(Item?.some(Item(name: "n", price: 0)))
    try roundTrip([Item?.none, Item(name: "n", price: 0)])
    try roundTrip(["a": Item?.none], as: ["a": nil])
  }

  @Test func prefersATypesOwnConformance() throws {
    struct Compact: Codable, Equatable, MessagePackEncodable, MessagePackDecodable {
      var x: Int
      func pack(into packer: inout MessagePackPacker) { packer.packInteger(Int64(x)) }
      static func unpack(from view: MessagePackView) throws -> Compact { Compact(x: try view.decode(Int.self)) }
    }
    try roundTrip(Holder2(v: Compact(x: 5)), as: ["v": 5])
    try roundTrip([Compact(x: 5)], as: [5])
    let error = messagePackError {
      try MessagePackDecoder().decode(Holder2<Compact>.self, from: Data(bytes("81a176a178")))
    }
    #expect(error?.path == "v")
  }

  @Test func mixesDirectAndCodableValues() throws {
    struct Mixed: Codable, Equatable, MessagePackEncodable, MessagePackDecodable {
      var item: Item
      func pack(into packer: inout MessagePackPacker) throws {
        packer.packArrayHeader(1)
        try packer.pack(item)
      }
      static func unpack(from view: MessagePackView) throws -> Mixed { Mixed(item: try view[0].decode(Item.self)) }
    }
    try roundTrip([Holder2(v: Mixed(item: Item(name: "n", price: 1)))], as: [["v": [["name": "n", "price": 1.0]]]])
  }

  @Test func refusesNumbersOf128Bits() {
    #expect(messagePackError { try MessagePackEncoder().encode(Int128.max) } != nil)
    #expect(messagePackError { try MessagePackDecoder().decode(Int128.self, from: Data([1])) } != nil)
  }

  @Test func refusesAnInvalidURL() throws {
    let error = messagePackError { try MessagePackDecoder().decode([URL].self, from: Data(bytes("91a0"))) }
    #expect(error?.code == .invalidValue)
    #expect(error?.path == "[0]")
  }

  @Test func travelsThroughJSONToo() throws {
    let value: MessagePackValue = ["a": [nil, true, 1, -2.5, "x", .uint(.max)], "b": [:]]
    let json = try JSONEncoder().encode(value)
    #expect(try JSONDecoder().decode(MessagePackValue.self, from: json) == value)
  }
}

struct Holder2<Value: Codable & Equatable>: Codable, Equatable {
  var v: Value
}
