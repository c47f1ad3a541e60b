import ExampleSupport
import ZeroMQ

@main
struct EnvelopePubSub {
  static func main() async {
    await runExample {
      let publisher = try ZMQSocket(.extendedPublish)
      let endpoint = try publisher.bind("tcp://127.0.0.1:*")
      let subscriber = try ZMQSocket(.subscribe)
      try subscriber.subscribe(to: "B")
      try subscriber.connect(endpoint)
      let subscription = try await publisher.receive().subscription
      try expect(subscription == ZMQSubscription(to: "B"), "B should be subscribed to: \(subscription as Any)")

      for number in 1...10 {
        try await publisher.send(ZMQMessage(topic: "A", ["we do not want to see this, B"]))
        try await publisher.send(ZMQMessage(topic: "B", ["we would like to see this \(number)", ""]))
      }
      for number in 1...10 {
        let message = try await subscriber.receive().strings
        print(message[0], message.dropFirst())
        try expect(message == ["B", "we would like to see this \(number)", ""], "not what was sent: \(message)")
      }
    }
  }
}
