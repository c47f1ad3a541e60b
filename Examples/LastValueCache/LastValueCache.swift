import ExampleSupport
import ZeroMQ

@main
struct LastValueCache {
  static func main() async {
    await runExample {
      let cache = try Cache()
      let running = Task { try await cache.run() }
      let publisher = try ZMQSocket(.extendedPublish, options: unlimited)
      try publisher.connect(cache.frontend)
      _ = try await publisher.receive()  // the cache has subscribed
      for round in 1...3 {
        for topic in 0..<1_000 { try await publisher.send(["topic \(topic)", "value \(round)"]) }
      }
      try await waitUntil { await cache.value(of: "topic 999") == "value 3" }

      let subscriber = try ZMQSocket(.subscribe)
      // Twice: somebody who joins later still gets it too.
      for joiner in [subscriber, try ZMQSocket(.subscribe)] {
        try joiner.subscribe(to: "topic 500")
        try joiner.connect(cache.backend)
        let last = try await joiner.receive().strings
        print("what was published before:", last)
        try expect(last == ["topic 500", "value 3"], "the last value should come first: \(last)")
      }
      _ = try await subscriber.receive()  // what the second one was greeted with goes to all who want the topic
      try await publisher.send(["topic 500", "value 4"])
      let next = try await subscriber.receive().strings
      print("what is published now:", next)
      try expect(next == ["topic 500", "value 4"], "then what is published: \(next)")
      running.cancel()
      _ = await running.result
    }
  }

  /// So that the burst at the beginning is not cut.
  static var unlimited: ZMQSocketOptions {
    var options = ZMQSocketOptions()
    (options.sendHighWaterMark, options.receiveHighWaterMark) = (0, 0)
    return options
  }
}

/// Passes publications on and keeps the last of each topic.
actor Cache {
  nonisolated let frontend: String
  nonisolated let backend: String
  private let publications: ZMQSocket
  private let subscriptions: ZMQSocket
  private var last: [[UInt8]: ZMQMessage] = [:]

  init() throws {
    publications = try ZMQSocket(.subscribe, options: LastValueCache.unlimited)
    try publications.subscribe(to: .everything)
    frontend = try publications.bind("tcp://127.0.0.1:*")
    // Of every subscriber, not only of the first to a topic.
    var options = ZMQSocketOptions()
    options.publishing.verbosity = .subscriptions
    subscriptions = try ZMQSocket(.extendedPublish, options: options)
    backend = try subscriptions.bind("tcp://127.0.0.1:*")
  }

  func value(of topic: String) -> String? { last[Array(topic.utf8)]?.strings.last }

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { while true { try await self.pass(try await self.publications.receive()) } }
      group.addTask { while true { try await self.greet(try await self.subscriptions.receive()) } }
      try await group.waitForAll()
    }
  }

  private func pass(_ message: ZMQMessage) async throws {
    last[message.parts[0]] = message
    try await subscriptions.send(message)
  }

  /// Sends the last value to whoever subscribes to a topic.
  private func greet(_ subscription: ZMQMessage) async throws {
    guard let subscription = subscription.subscription, subscription.isWanted else { return }
    if let message = last[subscription.topic.bytes] { try await subscriptions.send(message) }
  }
}
