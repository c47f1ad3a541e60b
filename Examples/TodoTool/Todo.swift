import ZeroRPC

struct Item: Codable, Sendable, Hashable {
  var number: Int
  var text: String
  var isDone: Bool
}

/// There is no item of that number.
struct NoSuchItem: Error, Codable, CustomStringConvertible {
  var number: Int
  var description: String { "there is no item \(number)" }
}

/// Remembers what is to be done.
protocol Todo: RPCService {
  /// Adds an item and returns it.
  func add(_ text: String) async throws -> Item

  /// All items, in order.
  func list() async throws -> [Item]

  /// Ticks an item off.
  // zerorpc: throws = NoSuchItem
  func finish(_ number: Int) async throws -> Item

  /// All items now, and again after each change.
  func watch() async throws -> RPCStream<[Item]>
}

/// The list, in memory.
actor TodoList: Todo {
  private var items: [Item] = []
  private var watchers: [Int: AsyncStream<[Item]>.Continuation] = [:]
  private var nextWatcher = 0

  func add(_ text: String) -> Item {
    let item = Item(number: items.count + 1, text: text, isDone: false)
    items.append(item)
    tellWatchers()
    return item
  }

  func list() -> [Item] { items }

  func finish(_ number: Int) throws -> Item {
    guard items.indices.contains(number - 1) else { throw NoSuchItem(number: number) }
    items[number - 1].isDone = true
    tellWatchers()
    return items[number - 1]
  }

  func watch() -> RPCStream<[Item]> {
    // A watcher that falls behind gets the latest list, not each of those that it has missed.
    let (lists, watcher) = AsyncStream.makeStream(of: [Item].self, bufferingPolicy: .bufferingNewest(1))
    let number = nextWatcher
    nextWatcher += 1
    watchers[number] = watcher
    watcher.onTermination = { _ in Task { await self.forget(number) } }
    // At once, because a call that streams waits for its first item.
    watcher.yield(items)
    return RPCStream(lists)
  }

  private func tellWatchers() {
    for watcher in watchers.values { watcher.yield(items) }
  }

  private func forget(_ number: Int) { watchers[number] = nil }
}
