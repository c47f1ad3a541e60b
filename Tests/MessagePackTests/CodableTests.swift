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
  @Test func roundTripsANestedStruct() throws {
    let order = Order(
      id: 7, items: (0..<20).map { Item(name: "item \($0)", price: Double($0) / 4, tags: $0 % 2 == 0 ? ["a"] : nil) },
      extra: ["x": Item(name: "é", price: .infinity)], data: Data([0, 255]), date: Date(), pair: [1, -2])
    let data = try MessagePackEncoder().encode(order)
    #expect(try MessagePackDecoder().decode(Order.self, from: data) == order)
  }
}
