/// Passes messages between two sockets, each of which may have any number of peers, without looking into them.
///
/// ```swift
/// let proxy = try ZMQProxy(.queue)
/// try proxy.frontend.bind("tcp://*:4242")              // what clients connect to
/// try proxy.backend.connect("tcp://127.0.0.1:4243")    // what servers bind
/// try await proxy.run()                                // until the task is cancelled
/// ```
///
/// It can be put between running peers and taken out again, with no change to either: its frontend binds what clients connect
/// to, its backend connects to what servers bind. Where workers connect, the backend binds.
///
/// A queue and a streamer lose nothing: while one side can take no more, the other is not read. Behind a queue a reply for a
/// client that does not read its own waits apart, while others get theirs, up to ``Configuration/parkedReplies``. A forwarder
/// drops, as a publisher does, what a subscriber is too slow for, unless its backend is told to hold.
///
/// A queue deals *messages*, so it fits REQ and REP and calls that are one message each way. It does not fit zerorpc's streams
/// and heartbeats with two servers or more: the events of one call would go to all of them in turn.
///
/// The proxy runs on its context's event loop, in bursts, so that it takes no thread and starves nothing.
public final class ZMQProxy: Sendable {
  /// Names what a proxy does.
  public struct Kind: Sendable, Hashable, CustomStringConvertible {
    /// The name: `queue`, `forwarder` or `streamer`.
    public let description: String
    let frontend: ZMQSocketType
    let backend: ZMQSocketType

    /// Requests go to the servers in turn and replies back to whom they belong: ROUTER in front of DEALER.
    public static let queue = Kind(description: "queue", frontend: .router, backend: .dealer)
    /// Publications go to the subscribers and subscriptions to the publishers: XSUB in front of XPUB.
    public static let forwarder = Kind(
      description: "forwarder", frontend: .extendedSubscribe, backend: .extendedPublish)
    /// Work goes to the workers in turn: PULL in front of PUSH.
    public static let streamer = Kind(description: "streamer", frontend: .pull, backend: .push)
  }

  /// Sets what a proxy has besides its two sides.
  public struct Configuration: Sendable {
    /// Options of the socket that faces clients, publishers or ventilators.
    public var frontend = ZMQSocketOptions()
    /// Options of the socket that faces servers, subscribers or workers.
    public var backend = ZMQSocketOptions()
    /// The type of the socket that gets a copy of every message, in both directions, frame by frame; nil is none.
    ///
    /// PUB drops what its subscribers are too slow for. PUSH and PAIR drop nothing: the proxy waits for them, and for
    /// somebody to be there in the first place.
    public var capture: ZMQSocketType?
    /// The type of the socket that takes commands, REP, PAIR, PULL or SUB; nil is none. See ``ZMQProxy/control``.
    public var control: ZMQSocketType?
    /// How many replies of a queue wait for clients that do not read; 1,000. With more, servers are no longer read.
    public var parkedReplies = 1_000
    /// How long the proxy waits for a quiet moment when it is to end; one second.
    public var drain: Duration = .seconds(1)
    /// The context to open the sockets in.
    public var context: ZMQContext = .shared

    /// Makes the defaults.
    public init() {}
  }

  /// What the proxy does.
  public let kind: Kind
  /// The side that faces clients, publishers or ventilators.
  public let frontend: ZMQProxySide
  /// The side that faces servers, subscribers or workers.
  public let backend: ZMQProxySide
  /// The socket that gets a copy of every message; nil unless configured.
  public let capture: ZMQProxySide?
  /// The socket that takes commands, as libzmq's steerable proxy does; nil unless configured.
  ///
  /// A command is a message whose first part is one of these words, in capitals:
  /// - `PAUSE`: both sides are no longer read. `RESUME`: they are.
  /// - `TERMINATE`: the proxy ends.
  /// - `STATISTICS`: REP and PAIR answer with the eight parts of ``ZMQProxyStatistics/parts``.
  ///
  /// REP answers the other three with an empty part. Anything else changes nothing: REP answers it with a text that begins
  /// with `ERROR`, the other types ignore it.
  public let control: ZMQProxySide?
  private let engine: ProxyEngine

  /// Opens the sockets. Nothing moves before ``run()``.
  ///
  /// - Throws: ``ZMQError`` when no more sockets are available, an option is refused, or a type cannot capture or control.
  public init(_ kind: Kind, configuration: Configuration = Configuration()) throws(ZMQError) {
    if let type = configuration.capture, ![.publish, .push, .pair].contains(type) {
      throw ZMQError(code: .invalidArgument, message: "a \(type) socket cannot capture; use PUB, PUSH or PAIR")
    }
    if let type = configuration.control, ![.reply, .pair, .pull, .subscribe].contains(type) {
      throw ZMQError(code: .invalidArgument, message: "a \(type) socket cannot control; use REP, PAIR, PULL or SUB")
    }
    self.kind = kind
    engine = try ProxyEngine(kind, configuration)
    frontend = ZMQProxySide(engine, .frontend, kind.frontend)
    backend = ZMQProxySide(engine, .backend, kind.backend)
    capture = configuration.capture.map { [engine] in ZMQProxySide(engine, .capture, $0) }
    control = configuration.control.map { [engine] in ZMQProxySide(engine, .control, $0) }
  }

  deinit { engine.close() }

  /// Passes messages on until the task is cancelled or the proxy terminated, then closes its sockets and returns.
  ///
  /// To end, it waits for a moment in which everything has passed and no request waits for its reply, so that it can be
  /// taken out between two calls; at most for ``Configuration/drain``, and once more as long for the replies that are under
  /// way then. Neither end is an error.
  ///
  /// - Throws: ``ZMQError`` with `wrongState` if it runs or ran before, for example.
  public func run() async throws {
    try await withGracefulShutdown(by: terminate) { try await engine.run() }
  }

  /// Stops reading both sides. Peers are held back as by a full queue.
  public func pause() { engine.pause() }

  /// Reads both sides again.
  public func resume() { engine.resume() }

  /// Ends ``run()``, as cancelling its task does.
  public func terminate() { engine.terminate() }

  /// Whether both sides are not read.
  public var isPaused: Bool { engine.isPaused }

  /// What has passed so far.
  public var statistics: ZMQProxyStatistics { engine.statistics }
}

/// Is one of a proxy's sockets. It can be bound and connected at any time before the proxy ends, while it runs too.
public struct ZMQProxySide: Sendable {
  /// The socket's type.
  public let type: ZMQSocketType
  private let engine: ProxyEngine
  private let place: ProxyEngine.Place

  init(_ engine: ProxyEngine, _ place: ProxyEngine.Place, _ type: ZMQSocketType) {
    (self.engine, self.place, self.type) = (engine, place, type)
  }

  /// Listens at an endpoint and returns the real one, as ``ZMQSocket/bind(_:)`` does.
  @discardableResult
  public func bind(_ endpoint: String) throws(ZMQError) -> String { try engine.bind(place, endpoint) }

  /// Starts connecting to an endpoint, as ``ZMQSocket/connect(_:)`` does.
  public func connect(_ endpoint: String) throws(ZMQError) {
    try engine.withSocket(place) { socket throws(ZMQError) in
      try socket.allowIPv6(for: endpoint)
      try socket.connect(endpoint)
    }
  }

  /// Stops listening at an endpoint, and closes the connections that came by it.
  public func unbind(_ endpoint: String) throws(ZMQError) {
    try engine.withSocket(place) { socket throws(ZMQError) in try socket.unbind(endpoint) }
  }

  /// Disconnects from an endpoint. What is queued for it is dropped.
  public func disconnect(_ endpoint: String) throws(ZMQError) {
    try engine.withSocket(place) { socket throws(ZMQError) in try socket.disconnect(endpoint) }
  }
}
