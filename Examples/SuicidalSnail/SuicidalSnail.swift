import ExampleSupport
import Synchronization
import ZeroMQ

/// Says that a subscriber is too far behind to be of use.
struct TooSlow: Error {
  let lag: Duration
}

/// Tells a task to end.
final class Flag: Sendable {
  let value = Atomic(false)
}

@main
struct SuicidalSnail {
  static let start = ContinuousClock.now

  static func main() async {
    await runExample {
      var options = ZMQSocketOptions()
      options.publishing.verbosity = .subscriptions
      let publisher = try ZMQSocket(.extendedPublish, options: options)
      let endpoint = try publisher.bind("tcp://127.0.0.1:*")
      let quick = Task { try await follow(endpoint, bound: .seconds(30), pause: .zero) }
      let snail = Task { try await follow(endpoint, bound: .milliseconds(200), pause: .milliseconds(20)) }
      for _ in 0..<2 { _ = try await publisher.receive() }  // both have subscribed

      let isOver = Flag()
      let publishing = Task {
        var count = 0
        while !isOver.value.load(ordering: .relaxed) {
          let age = ContinuousClock.now - start
          let nanoseconds = age.components.seconds * 1_000_000_000 + age.components.attoseconds / 1_000_000_000
          try await publisher.send(["time", "\(nanoseconds)"])
          count += 1
          try await Task.sleep(for: .milliseconds(1))
        }
        try await publisher.send(["time", "end"])
        return count
      }
      do {
        _ = try await snail.value
        throw Unexpected(description: "the snail should have failed")
      } catch let error as TooSlow {
        print("the snail gave up: its messages were \(error.lag) old")
        try expect(error.lag > .milliseconds(200), "not by its lag")
      }
      isOver.value.store(true, ordering: .relaxed)
      let (sent, received) = (try await publishing.value, try await quick.value)
      print("the quick subscriber got \(received) of \(sent)")
      try expect(received == sent, "the quick subscriber should have got everything")
    }
  }

  /// Takes messages until the end; throws when one is older than the bound.
  static func follow(_ endpoint: String, bound: Duration, pause: Duration) async throws -> Int {
    let subscriber = try ZMQSocket(.subscribe)
    try subscriber.subscribe(to: "time")
    try subscriber.connect(endpoint)
    var count = 0
    while true {
      let text = try await subscriber.receive().strings[1]
      guard let sent = Int64(text) else { return count }
      let lag = (ContinuousClock.now - start) - .nanoseconds(sent)
      if lag > bound { throw TooSlow(lag: lag) }
      count += 1
      if pause > .zero { try await Task.sleep(for: pause) }
    }
  }
}
