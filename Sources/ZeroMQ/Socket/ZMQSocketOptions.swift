/// Sets how a socket behaves. The defaults are libzmq's, except that unsent messages do not outlive the socket for ever.
///
/// ```swift
/// var options = ZMQSocketOptions()
/// options.sendHighWaterMark = 10_000
/// options.reconnect.maximum = .seconds(30)
/// options.security = .curve(server: serverKey, keys: try .generate())
/// let socket = try ZMQSocket(.dealer, options: options)
/// ```
///
/// An option that the socket's type does not have is refused when the socket is opened, rather than ignored. Durations are
/// rounded up to whole milliseconds unless something else is said. The rules are those of zmq_setsockopt(3).
public struct ZMQSocketOptions: Sendable, Hashable {
  // MARK: Queues

  /// How many messages wait per peer before a send suspends; 1,000. Zero is no limit.
  public var sendHighWaterMark: Int = 1_000
  /// How many received messages wait per peer before the peer is held back; 1,000. Zero is no limit.
  public var receiveHighWaterMark: Int = 1_000
  /// How long unsent messages are kept for delivery after closing; one second.
  public var linger: Duration = .seconds(1)
  /// The largest message part that is accepted, in bytes; nil is no limit. A peer that sends a larger one is disconnected.
  public var maximumMessageSize: Int?
  /// Whether messages are queued only for peers that are connected.
  public var immediate = false
  /// Whether only the newest message is kept, instead of a queue. Only for PUSH, PULL, PUB, SUB and DEALER, and only for
  /// messages of one part: sending more is an error, and of several parts received only one is seen.
  public var conflate = false

  // MARK: Waiting

  /// How long a send waits at most when it is given no time-out of its own; nil is for ever.
  public var sendTimeout: Duration?
  /// How long a receive waits at most when it is given no time-out of its own; nil is for ever.
  public var receiveTimeout: Duration?

  // MARK: Request and reply

  /// The id by which a ROUTER peer addresses this socket, 1 to 255 bytes; libzmq makes one when it is nil.
  public var routingID: [UInt8]?
  /// Whether a ROUTER reports an unknown peer by `hostUnreachable` and suspends for a full one, instead of dropping.
  public var routerMandatory = false
  /// Whether a ROUTER gives a routing id that is in use to the peer that came last, instead of refusing it.
  public var routerHandover = false
  /// Whether an empty message is sent to each new ROUTER peer, so that it learns the routing id. For REQ, DEALER, ROUTER.
  public var probeRouter = false
  /// Whether a REQ numbers its requests and drops replies to others.
  public var requestCorrelate = false
  /// Whether a REQ may send again without having received the reply. Use it with ``requestCorrelate``.
  public var requestRelaxed = false

  // MARK: Publish and subscribe

  /// What an XPUB does beyond PUB.
  public var publishing = Publishing()
  /// Whether a topic selects the messages that do not match it. For PUB, XPUB and SUB, on both ends alike.
  public var invertMatching = false
  /// How the multicast transports `pgm` and `epgm` send.
  public var multicast = Multicast()

  // MARK: Connections

  /// How soon a lost or refused connection is tried again.
  public var reconnect = Reconnect()
  /// How long a TCP connection may take to come about; nil is as long as the system tries.
  public var connectTimeout: Duration?
  /// How long the ZMTP handshake of a new connection may take before the peer is dropped; 30 seconds. Zero is no limit.
  public var handshakeTimeout: Duration = .seconds(30)
  /// Heartbeats of ZMTP, answered by the peer's libzmq; nil sends none. Peers of another ZMTP than 3.1 do not answer.
  public var heartbeat: Heartbeat?
  /// Keep-alive of TCP; nil leaves it to the system's default, which is off.
  public var keepAlive: KeepAlive?
  /// How many connections the system accepts in advance at an endpoint; 100.
  public var backlog: Int = 100
  /// Whether IPv6 addresses may be used. An endpoint written `tcp://[…]` turns it on by itself.
  public var ipv6 = false
  /// The SOCKS5 proxy for outgoing TCP connections, as `HOST:PORT`.
  public var socksProxy: String?
  /// The network device to use, as `eth0`; Linux only, and it may take privileges.
  public var device: String?
  /// The type-of-service field of outgoing packets, as the system takes it; nil leaves it alone.
  public var typeOfService: Int?
  /// The system's send buffer per connection, in bytes; nil leaves it to the system.
  public var sendBufferSize: Int?
  /// The system's receive buffer per connection, in bytes; nil leaves it to the system.
  public var receiveBufferSize: Int?

  // MARK: Security

  /// How peers prove who they are and whether the connection is encrypted; not at all by default.
  public var security: ZMQSecurity = .none
  /// The ZAP domain (RFC 27) in which a server has its peers authenticated; nil is none. CURVE and PLAIN servers ask a ZAP
  /// handler without a domain too, if one is there.
  public var zapDomain: String?

  /// Makes the defaults.
  public init() {}
}

extension ZMQSocketOptions {
  /// Says how soon a connection is tried again.
  ///
  /// libzmq adds a random time of up to ``base`` to every interval, so that clients of a server that restarts do not all
  /// come back in the same moment.
  public struct Reconnect: Sendable, Hashable {
    /// The first interval, and the range of the random addition; 100 ms.
    public var base: Duration = .milliseconds(100)
    /// Intervals double up to this one; nil keeps all at ``base``.
    public var maximum: Duration?
    /// Whether a lost connection is tried again at all.
    public var isEnabled = true

    /// Makes the defaults.
    public init() {}
  }

  /// Says when a silent peer is taken for dead, by PING and PONG of ZMTP 3.1 (RFC 37).
  public struct Heartbeat: Sendable, Hashable {
    /// The time between two PINGs.
    public var interval: Duration
    /// How long the peer may take to answer; nil is as long as ``interval``.
    public var timeout: Duration?
    /// How long the peer waits for more before it gives up, in tenths of a second, at most 6,553 seconds; nil is for ever.
    public var timeToLive: Duration?

    /// Makes heartbeats.
    public init(interval: Duration, timeout: Duration? = nil, timeToLive: Duration? = nil) {
      (self.interval, self.timeout, self.timeToLive) = (interval, timeout, timeToLive)
    }
  }

  /// Says when the system probes an idle TCP connection. What is nil stays the system's default.
  public struct KeepAlive: Sendable, Hashable {
    /// How long a connection is idle before the first probe, in whole seconds.
    public var idle: Duration?
    /// The time between two probes, in whole seconds.
    public var interval: Duration?
    /// The number of lost probes that ends the connection.
    public var count: Int?

    /// Makes the system's defaults.
    public init(idle: Duration? = nil, interval: Duration? = nil, count: Int? = nil) {
      (self.idle, self.interval, self.count) = (idle, interval, count)
    }
  }

  /// Says what an XPUB does beyond PUB. Any of it is refused on other types, except that PUB has ``holdsWhenFull`` too.
  public struct Publishing: Sendable, Hashable {
    /// Names which subscriptions an XPUB receives.
    public struct Verbosity: Sendable, Hashable {
      let rank: Int
      /// The first subscription to a topic and the last cancellation.
      public static let changes = Verbosity(rank: 0)
      /// Every subscription, and the last cancellation.
      public static let subscriptions = Verbosity(rank: 1)
      /// Every subscription and every cancellation.
      public static let everything = Verbosity(rank: 2)
    }

    /// Which subscriptions are received; ``Verbosity/changes``.
    public var verbosity: Verbosity = .changes
    /// Whether subscriptions take effect only by ``ZMQSocket/subscribe(to:)-(ZMQTopic)`` on the XPUB: it applies to the
    /// subscriber whose subscription was received last.
    public var isManual = false
    /// Whether a send suspends while any subscriber is at the high-water mark, instead of dropping its message.
    public var holdsWhenFull = false
    /// A message of one part that every new subscriber receives first, if it subscribed to its beginning; nil is none.
    public var welcome: [UInt8]?

    /// Makes the defaults.
    public init() {}
  }

  /// Says how `pgm` and `epgm` send.
  public struct Multicast: Sendable, Hashable {
    /// The rate in kilobits a second; 100, which is little: raise it for anything but samples.
    public var rate: Int = 100
    /// How long sent data is kept for receivers that missed it; 10 seconds. Memory is rate times this.
    public var recovery: Duration = .seconds(10)
    /// How many routers a packet may pass; 1 is the local network.
    public var hops: Int = 1
    /// The largest packet, in bytes; 1,500.
    public var maximumPacketSize: Int = 1_500

    /// Makes the defaults.
    public init() {}
  }
}
