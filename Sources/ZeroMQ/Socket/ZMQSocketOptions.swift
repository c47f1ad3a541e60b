internal import CZeroMQ

/// Sets how a socket behaves. The defaults are libzmq's, except that unsent messages do not outlive the socket for ever.
public struct ZMQSocketOptions: Sendable, Hashable {
  /// How many messages wait per peer before a send suspends; 1,000. Zero is no limit.
  public var sendHighWaterMark: Int = 1_000
  /// How many received messages wait per peer before the peer is held back; 1,000. Zero is no limit.
  public var receiveHighWaterMark: Int = 1_000
  /// How long unsent messages are kept for delivery after closing; one second.
  public var linger: Duration = .seconds(1)
  /// The largest message that is accepted, in bytes; nil is no limit.
  public var maximumMessageSize: Int?
  /// The id by which a ROUTER peer addresses this socket; libzmq makes one when it is nil.
  public var routingID: [UInt8]?
  /// Whether a ROUTER reports an unknown or full peer instead of dropping the message.
  public var routerMandatory = false
  /// Whether messages are queued only for peers that are connected.
  public var immediate = false
  /// Whether IPv6 addresses may be used.
  public var ipv6 = false

  /// Makes the defaults.
  public init() {}

  func apply(to socket: SocketHandle, of type: ZMQSocketType) throws(ZMQError) {
    try socket.set(ZMQ_SNDHWM, Int32(clamping: sendHighWaterMark), named: "sendHighWaterMark")
    try socket.set(ZMQ_RCVHWM, Int32(clamping: receiveHighWaterMark), named: "receiveHighWaterMark")
    try socket.set(ZMQ_LINGER, Int32(clamping: linger.clampedNanoseconds / 1_000_000), named: "linger")
    try socket.set64(ZMQ_MAXMSGSIZE, Int64(maximumMessageSize ?? -1), named: "maximumMessageSize")
    if let routingID { try socket.set(ZMQ_ROUTING_ID, routingID, named: "routingID") }
    if type == .router, routerMandatory { try socket.set(ZMQ_ROUTER_MANDATORY, 1, named: "routerMandatory") }
    if immediate { try socket.set(ZMQ_IMMEDIATE, 1, named: "immediate") }
    if ipv6 { try socket.set(ZMQ_IPV6, 1, named: "ipv6") }
  }
}
