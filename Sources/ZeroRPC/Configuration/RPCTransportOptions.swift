public import ZeroMQ

/// Sets how a client's or server's ZeroMQ socket behaves. The defaults suit most uses.
public struct RPCTransportOptions: Sendable, Hashable {
  /// How many messages wait per peer in ZeroMQ's own queues; 1,000. More wait in the caller, until its deadline.
  public var sendHighWaterMark: Int = 1_000
  /// How many received messages wait per peer before the peer is held back; 1,000. Where the event loop
  /// carries the messages, it reads none before they are wanted, and the system holds the peer back.
  public var receiveHighWaterMark: Int = 1_000
  /// How long unsent messages are kept for delivery after closing; one second.
  public var linger: Duration = .seconds(1)
  /// The largest message that is accepted, in bytes; a peer that sends a larger one is disconnected. 256 MiB; nil is no
  /// limit, and then a single message can take all memory.
  public var maximumMessageSize: Int? = 256 << 20
  /// How long to wait before a broken connection is tried again; 100 ms.
  public var reconnectInterval: Duration = .milliseconds(100)
  /// What carries the messages; ``Engine/automatic``.
  public var engine: Engine = .automatic

  /// How client and server prove who they are, and whether what they say is encrypted; not at all by default. Both ends must
  /// choose alike, and `inproc` ignores it.
  ///
  /// ```swift
  /// serverConfiguration.transport.security = .curveServer(serverKeys.secretKey)
  /// clientConfiguration.transport.security = .curve(server: serverPublicKey, keys: clientKeys)
  /// ```
  public var security: ZMQSecurity = .none
  /// The domain in which a `ZMQAuthenticator` decides who may connect to a server; nil, the default, is none.
  ///
  /// With a domain nobody gets in while no authenticator runs in the server's context. Without one, an authenticator that
  /// runs is still asked about peers of CURVE and PLAIN, but if none does, a CURVE server lets in everybody who knows its
  /// public key. Name one wherever an authenticator is meant to decide. Clients ignore it.
  public var authenticationDomain: String?

  /// Makes the defaults.
  public init() {}

  /// Says what carries the messages between clients and servers. Both ends may choose differently: what they say is the same.
  public struct Engine: Sendable, Hashable {
    private let rank: Int

    /// The event loop itself reads and writes connections of `tcp` and `ipc`, on Linux and without security; libzmq does all
    /// else, which includes clients that bind, and endpoints as `ipc://*` or `tcp://eth0:4242`. It saves two switches between
    /// threads per message.
    public static let automatic = Engine(rank: 0)
    /// libzmq does everything, on threads of its own.
    public static let libzmq = Engine(rank: 1)
  }
}
