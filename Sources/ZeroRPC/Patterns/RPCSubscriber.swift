internal import ZeroMQ

/// Subscribes to calls that are published, and runs the methods of services for them. Nobody is answered.
///
/// ```swift
/// let subscriber = Subscriber(MyWeather())
/// try await subscriber.connect("tcp://127.0.0.1:4244")
/// try await subscriber.run()
/// ```
///
/// It gets what is published from when it is connected, and misses what comes while it is more than
/// ``RPCTransportOptions/receiveHighWaterMark`` messages behind. Messages are handled one at a time, in order, unless
/// ``RPCReceiverConfiguration/concurrency`` says otherwise. An error is logged, as is a message that is malformed or names no
/// method of the services, and the next message is handled.
///
/// Publishers are ``RPCPublisher``s or zerorpc-python's `Publisher`s, on either side of `bind` and `connect`. For topics use
/// bare sockets: the module `ZeroMQ` has them.
public final class RPCSubscriber: Sendable {
  /// The service's name, for messages.
  public var name: String { receiver.name }
  /// What the subscriber was made with.
  public var configuration: RPCReceiverConfiguration { receiver.configuration }
  private let receiver: Receiver

  /// Makes a subscriber of one service.
  public convenience init(
    _ service: any RPCService, configuration: RPCReceiverConfiguration = RPCReceiverConfiguration()
  ) {
    self.init(services: [service], configuration: configuration)
  }

  /// Makes a subscriber of several services.
  ///
  /// - Parameters:
  ///   - name: what errors call it; the name of the first service unless given.
  ///   - services: whose methods can be called. No two of them may have a method of the same name.
  ///   - configuration: how many messages are handled at a time, and the rest.
  public init(
    name: String? = nil, services: [any RPCService],
    configuration: RPCReceiverConfiguration = RPCReceiverConfiguration()
  ) {
    receiver = Receiver(.subscribe, name, services, configuration)
  }

  /// Listens for publishers at an endpoint and returns the real one, with the port that the system chose for port 0 or `*`.
  ///
  /// - Throws: ``RPCError`` with `addressInUse`, `invalidEndpoint`, `invalidConfiguration` or `transport`.
  @discardableResult
  public func bind(_ endpoint: String) async throws -> String { try await receiver.bind(endpoint) }

  /// Starts connecting to a publisher or a forwarder that is bound, which need not be there yet.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint`, `invalidConfiguration` or `transport`.
  public func connect(_ endpoint: String) async throws { try receiver.attach(.connect, endpoint) }

  /// Stops using an endpoint. What has come through it and was not handled yet is lost.
  public func disconnect(_ endpoint: String) async throws { try receiver.detach(endpoint) }

  /// The endpoints that the subscriber is bound or connected to.
  public var endpoints: [String] { receiver.endpoints }

  /// Handles messages until the task is cancelled or the subscriber is shut down. When the task is cancelled, handlers are
  /// cancelled; after ``beginGracefulShutdown()`` they are waited for. Then the socket is closed.
  ///
  /// - Throws: ``RPCError`` when it has run already or two of its methods have one name.
  public func run() async throws {
    try await withGracefulShutdown(by: beginGracefulShutdown) { try await receiver.run() }
  }

  /// Handles messages until the process gets SIGINT (Ctrl-C) or SIGTERM, then finishes those that are under way and returns. A
  /// second signal cancels their handlers.
  ///
  /// - Throws: as ``run()``.
  public func runUntilSignalled() async throws {
    try await withTerminationSignals(run: run, shutDown: beginGracefulShutdown)
  }

  /// Has ``run()`` take no more messages, wait for the handlers that are running, and return. Handlers that take longer than
  /// ``RPCReceiverConfiguration/shutdownGrace`` are cancelled.
  ///
  /// Messages that have come and that no handler has begun are lost: ZeroMQ cannot give them back.
  public func beginGracefulShutdown() { try? receiver.beginGracefulShutdown() }
}

/// The short name of ``RPCSubscriber``.
public typealias Subscriber = RPCSubscriber
