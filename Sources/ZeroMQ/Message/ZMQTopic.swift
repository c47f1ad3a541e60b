/// Names what a subscriber wants: the messages whose first part begins with these bytes.
///
/// ```swift
/// try subscriber.subscribe(to: "weather.")
/// try await publisher.send(ZMQMessage(topic: "weather.berlin", ["12 °C"]))
/// ```
public struct ZMQTopic: Sendable, Hashable {
  /// The bytes that the first part begins with.
  public var bytes: [UInt8]

  /// Makes a topic of bytes.
  public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// Makes a topic of text, in UTF-8.
  public init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

  /// Every message.
  public static let everything = ZMQTopic([UInt8]())
}

extension ZMQTopic: ExpressibleByStringInterpolation, CustomStringConvertible {
  /// Makes a topic of text, in UTF-8.
  public init(stringLiteral value: String) { self.init(value) }

  /// The topic as text; what is not UTF-8 is repaired.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// Is what an XPUB receives and an XSUB sends: a topic, wanted from now on or no longer.
public struct ZMQSubscription: Sendable, Hashable {
  /// The topic.
  public var topic: ZMQTopic
  /// Whether it is wanted from now on; false takes it back.
  public var isWanted: Bool

  /// Makes a subscription, or what takes it back.
  public init(to topic: ZMQTopic, isWanted: Bool = true) { (self.topic, self.isWanted) = (topic, isWanted) }
}

extension ZMQMessage {
  /// Makes a publication: the topic as the first part, then the others.
  public init(topic: ZMQTopic, _ body: ZMQMessage) { parts = [topic.bytes] + body.parts }

  /// Makes the message by which an XSUB subscribes or takes a subscription back.
  public init(_ subscription: ZMQSubscription) {
    parts = [[subscription.isWanted ? 1 : 0] + subscription.topic.bytes]
  }

  /// The subscription that an XPUB received; nil if the message is something else.
  public var subscription: ZMQSubscription? {
    guard parts.count == 1, let part = parts.first, let first = part.first, first <= 1 else { return nil }
    return ZMQSubscription(to: ZMQTopic(part.dropFirst()), isWanted: first == 1)
  }
}
