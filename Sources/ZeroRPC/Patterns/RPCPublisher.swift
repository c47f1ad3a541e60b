public import MessagePack
internal import ZeroMQ

/// Publishes calls to all who subscribe, and never waits.
///
/// ```swift
/// let publisher = RPCPublisher()
/// try publisher.bind("tcp://127.0.0.1:4244")
/// let weather = WeatherPublisher(publisher)            // generated for `// zerorpc: publisher`
/// try weather.changed(in: "Berlin", to: 12)
/// try publisher.remote.changed("Berlin", 12)           // without generated code
/// ```
///
/// Who is not connected misses what is published, and so does a subscriber that has fallen behind by
/// ``RPCTransportOptions/sendHighWaterMark`` messages. ``waitForSubscribers(_:timeout:)`` makes sure that the first messages
/// are heard.
///
/// Subscribers are ``RPCSubscriber``s or zerorpc-python's `Subscriber`s. It closes with ``close()`` or when the last reference
/// to it is gone; then what ZeroMQ has taken still gets up to ``RPCTransportOptions/linger`` to leave.
public final class RPCPublisher: Sendable {
  /// What the publisher was made with.
  public var configuration: RPCSenderConfiguration { sender.configuration }
  private let sender: Sender

  /// Makes a publisher without an endpoint; ``bind(_:)`` or ``connect(_:)`` gives it one, or several.
  public init(configuration: RPCSenderConfiguration = RPCSenderConfiguration()) {
    // To peers it is a PUB; to us it tells of subscriptions.
    sender = Sender(.extendedPublish, configuration)
  }

  /// Makes a publisher to subscribers, or a forwarder, that are bound.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint` or `transport`.
  public convenience init(
    connectingTo endpoints: String..., configuration: RPCSenderConfiguration = RPCSenderConfiguration()
  ) throws {
    self.init(configuration: configuration)
    for endpoint in endpoints { try connect(endpoint) }
  }

  deinit { sender.close() }

  /// Listens for subscribers at an endpoint and returns the real one, with the port that the system chose for port 0 or `*`.
  ///
  /// - Throws: ``RPCError`` with `addressInUse`, `invalidEndpoint`, `closed` or `transport`.
  @discardableResult
  public func bind(_ endpoint: String) throws -> String { try sender.attach(.bind, endpoint) }

  /// Starts connecting to a subscriber or forwarder that is bound, which need not be there yet.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint`, `closed` or `transport`.
  public func connect(_ endpoint: String) throws { try sender.attach(.connect, endpoint) }

  /// Stops using an endpoint; what waits for its subscribers is lost.
  public func disconnect(_ endpoint: String) throws { try sender.detach(endpoint) }

  /// The endpoints that the publisher is bound or connected to.
  public var endpoints: [String] { sender.endpoints }

  /// Closes the socket. Closing again does nothing.
  public func close() { sender.close() }

  /// Publishes a call. Generated stubs and ``remote`` call it.
  ///
  /// - Parameters:
  ///   - method: the name on the wire.
  ///   - options: what differs from the publisher's configuration.
  ///   - pack: packs all arguments as one array, header included.
  /// - Throws: ``RPCError`` with `closed`, `invalidArgument` or `transport`.
  public func publish(
    _ method: String, options: RPCSendOptions = RPCSendOptions(), pack: (inout MessagePackPacker) throws -> Void
  ) throws {
    let connection = try sender.connection(for: "publish '\(method)'")
    var packer = try sender.pack(method, options, pack)
    guard case .ended(let outcome) = connection.send(&packer, deadline: .max) else { return }
    if let error = sender.error(outcome, "publish '\(method)'", "") { throw error }
  }

  /// How many subscriptions there are at the moment: one of each ``RPCSubscriber`` or zerorpc-python `Subscriber`.
  public var subscribers: Int { (try? sender.connection(for: ""))?.peers ?? 0 }

  /// Waits until there are at least as many subscriptions, so that what is published from then on reaches them.
  ///
  /// - Parameters:
  ///   - count: how many; one of each ``RPCSubscriber`` or zerorpc-python `Subscriber`.
  ///   - timeout: how long to wait; nil waits until they are there.
  /// - Throws: ``RPCError`` with `timeout` or `closed`; `CancellationError` when the task is cancelled.
  public func waitForSubscribers(_ count: Int, timeout: Duration? = nil) async throws {
    let connection = try sender.connection(for: "wait for subscribers")
    let outcome = await connection.waitForPeers(
      count, deadline: sender.deadline(after: timeout?.clampedNanoseconds ?? .max))
    let advice = "there are \(connection.peers)"
    if let error = sender.error(outcome, "wait for \(count) subscribers", advice) { throw error }
  }
}
