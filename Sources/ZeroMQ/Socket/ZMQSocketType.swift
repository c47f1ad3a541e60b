internal import CZeroMQ

/// Names one of the socket types of ZeroMQ.
public struct ZMQSocketType: Sendable, Hashable, CustomStringConvertible {
  let number: Int32
  /// The type's name as the ZeroMQ documents spell it, for example `DEALER`.
  public let description: String

  /// Sends a request, then receives a reply, in lock-step.
  public static let request = ZMQSocketType(number: ZMQ_REQ, description: "REQ")
  /// Receives a request, then sends a reply, in lock-step.
  public static let reply = ZMQSocketType(number: ZMQ_REP, description: "REP")
  /// Deals messages to its peers in turn and takes theirs fairly.
  public static let dealer = ZMQSocketType(number: ZMQ_DEALER, description: "DEALER")
  /// Addresses each peer by its routing id.
  public static let router = ZMQSocketType(number: ZMQ_ROUTER, description: "ROUTER")
  /// Publishes to all subscribers.
  public static let publish = ZMQSocketType(number: ZMQ_PUB, description: "PUB")
  /// Receives what it subscribed to.
  public static let subscribe = ZMQSocketType(number: ZMQ_SUB, description: "SUB")
  /// Publishes, and receives the subscriptions.
  public static let extendedPublish = ZMQSocketType(number: ZMQ_XPUB, description: "XPUB")
  /// Receives publications, and sends subscriptions as messages.
  public static let extendedSubscribe = ZMQSocketType(number: ZMQ_XSUB, description: "XSUB")
  /// Pushes work to its peers in turn.
  public static let push = ZMQSocketType(number: ZMQ_PUSH, description: "PUSH")
  /// Pulls work from its peers fairly.
  public static let pull = ZMQSocketType(number: ZMQ_PULL, description: "PULL")
  /// Talks to exactly one peer.
  public static let pair = ZMQSocketType(number: ZMQ_PAIR, description: "PAIR")
}
