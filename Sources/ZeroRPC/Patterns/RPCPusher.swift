public import MessagePack
internal import ZeroMQ

/// Pushes calls to whoever pulls: each goes to one of the consumers that have room, in turn, and nobody answers.
///
/// ```swift
/// let pusher = RPCPusher()
/// try pusher.bind("tcp://127.0.0.1:4243")
/// try await pusher.waitForConsumers(2)
/// let jobs = JobsPusher(pusher)                     // generated for `// zerorpc: pusher`
/// try await jobs.resize("cat.png", to: 128)
/// try await pusher.remote.resize("cat.png", 128)    // without generated code
/// ```
///
/// A push returns as soon as ZeroMQ has taken the message for a connected consumer. While there is none, or all have as many
/// messages waiting as ``RPCTransportOptions/sendHighWaterMark`` allows, it suspends until its time-out. That a message was
/// taken does not mean that it was handled: what a consumer has not read when it dies is lost.
///
/// Consumers are ``RPCPuller``s or zerorpc-python's `Puller`s. It closes with ``close()`` or when the last reference to it is
/// gone; then what ZeroMQ has taken still gets up to ``RPCTransportOptions/linger`` to leave.
public final class RPCPusher: Sendable {
  /// What the pusher was made with.
  public var configuration: RPCSenderConfiguration { sender.configuration }
  let sender: Sender

  /// Makes a pusher without an endpoint; ``bind(_:)`` or ``connect(_:)`` gives it one, or several.
  public init(configuration: RPCSenderConfiguration = RPCSenderConfiguration()) {
    sender = Sender(.push, configuration)
  }

  /// Makes a pusher to consumers that are bound.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint` or `transport`.
  public convenience init(
    connectingTo endpoints: String..., configuration: RPCSenderConfiguration = RPCSenderConfiguration()
  ) throws {
    self.init(configuration: configuration)
    for endpoint in endpoints { try connect(endpoint) }
  }

  deinit { sender.close() }

  /// Listens for consumers at an endpoint and returns the real one, with the port that the system chose for port 0 or `*`.
  ///
  /// - Throws: ``RPCError`` with `addressInUse`, `invalidEndpoint`, `closed` or `transport`.
  @discardableResult
  public func bind(_ endpoint: String) throws -> String { try sender.attach(.bind, endpoint) }

  /// Starts connecting to a consumer that is bound, which need not be there yet.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint`, `closed` or `transport`.
  public func connect(_ endpoint: String) throws { try sender.attach(.connect, endpoint) }

  /// Stops using an endpoint; what waits for its consumers is lost.
  public func disconnect(_ endpoint: String) throws { try sender.detach(endpoint) }

  /// The endpoints that the pusher is bound or connected to.
  public var endpoints: [String] { sender.endpoints }

  /// Closes the socket; pushes that wait end with ``RPCError/Code/closed``. Closing again does nothing.
  public func close() { sender.close() }

  /// Pushes a call. Generated stubs and ``remote`` call it.
  ///
  /// - Parameters:
  ///   - method: the name on the wire.
  ///   - options: what differs from the pusher's configuration.
  ///   - pack: packs all arguments as one array, header included.
  /// - Throws: ``RPCError`` with `timeout` when no consumer had room in time; with `closed`, `invalidArgument` or
  ///   `transport`; `CancellationError` when the task is cancelled. In all these cases nothing was sent.
  public func push(
    _ method: String, options: RPCSendOptions = RPCSendOptions(), pack: (inout MessagePackPacker) throws -> Void
  ) async throws {
    let connection = try sender.connection(for: "push '\(method)'")
    var packer = try sender.pack(method, options, pack)
    let outcome: SenderConnection.Outcome
    switch connection.send(&packer, deadline: sender.deadline(options)) {
    case .ended(.done): return
    case .ended(let ending): outcome = ending
    case .waits(let waiter): outcome = await connection.wait(for: waiter)
    }
    let advice = "no consumer is connected, or none has room; start more of them, or allow more time"
    if let error = sender.error(outcome, "push '\(method)'", advice) { throw error }
  }
}
