/// A service with one of everything that a contract describes.
enum Shop {
  static let source = #"""
    import Foundation
    import ZeroRPC

    enum API {
      /// Sells "things".
      ///
      /// It never closes.
      // zerorpc: service = "shop", throws = SoldOut
      protocol Shop: RPCService {
        /// Finds an item.
        // zerorpc: name = "find-item", idempotent
        func find(_ id: ID, in color: Color?) async throws -> Item
        // zerorpc: throws = API.Late
        func order(lines: [Line], for customer: Customer, at date: Foundation.Date) async throws
        func watch(_ names: Set<String>, from class: Int) async throws -> RPCStream<Event>
        func prices(_ page: Page<Item>) async throws -> [String: [Double?]]
        func list() async throws -> [Color]
        func raw(_ value: MessagePackValue, _ pair: Pair) async throws -> UUID
        func close(timeout: Options) async throws -> Swift.Optional<Data>
      }

      typealias ID = UUID

      /// An item.
      struct Item: Codable {
        static let none = 1
        var id: ID
        var parent: Node?
        var tags: Set<Color> = []
        var count = 3, total: Double
        private(set) var made: Date { didSet {} }
        let kind = "item"
        var isNew: Bool { count > 0 }
        lazy var cache = 1
      }
      struct Late: Error, Codable { var `in`: String }
    }
    struct SoldOut: Error, Codable {}
    struct Line: Codable {
      var itemID: API.ID
      var uuid: UUID?
      var byName: [String: API.Item]
      private enum CodingKeys: String, CodingKey { case itemID = "item_id", uuid, byName = "by-name" }
    }
    enum Color: String, Codable { case red, green = "g\"r", none }
    enum Level: Int, Codable { case low = 0x10, high, top = -1 }
    indirect enum Event: Codable { case sold(API.Item, by: Customer), level(Level), closed }
    final class Customer: Codable { let name: String; var friends: [Customer] = []; init() {} }
    struct Node: Codable { var items: [API.Item?]; @Wrapped var odd: Int; var guess = make() }
    struct Page<Element: Codable>: Codable { var elements: [Element]; var next: Page<Element>?; var pair: (Int, Int) }
    struct Pair {}
    extension Pair: Codable { init(from decoder: any Decoder) throws {}; func encode(to encoder: any Encoder) throws {} }
    struct Options: OptionSet, Codable { let rawValue: Int8 }

    """#
}
