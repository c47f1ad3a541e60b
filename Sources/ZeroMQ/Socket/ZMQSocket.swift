internal import CZeroMQ
internal import Synchronization

/// Sends and receives whole messages over any ZeroMQ pattern, without blocking a thread.
///
/// ```swift
/// let server = try ZMQSocket(.reply)
/// let endpoint = try server.bind("tcp://127.0.0.1:*")
/// let client = try ZMQSocket(.request)
/// try client.connect(endpoint)
/// try await client.send(["hello"])
/// let request = try await server.receive()
/// ```
///
/// Any task may use it: uses are serialised, sends and receives that have to wait do so in the order in which they came, each
/// can be cancelled, and each takes a time-out. It closes with ``close()`` or when the last reference to it is gone.
///
/// Endpoints are `tcp://HOST:PORT`, `ipc://PATH` (relative paths too; `ipc://@NAME` is Linux's abstract name space),
/// `inproc://NAME` within one ``ZMQContext``, and for PUB, SUB, XPUB and XSUB also `pgm`, `epgm` and `norm` if
/// ``ZMQLibrary`` has them. A socket can bind to and connect to any number of them at once, and either end may come first.
public final class ZMQSocket: Sendable {
  /// The socket's type.
  public let type: ZMQSocketType
  let core: SocketCore
  let monitors: MonitorHub
  private let sendTimeout: Duration?
  private let receiveTimeout: Duration?

  /// Opens a socket.
  ///
  /// - Throws: ``ZMQError`` when no more sockets are available or an option is refused.
  public init(
    _ type: ZMQSocketType, options: ZMQSocketOptions = ZMQSocketOptions(), context: ZMQContext = .shared
  ) throws(ZMQError) {
    self.type = type
    (sendTimeout, receiveTimeout) = (options.sendTimeout, options.receiveTimeout)
    let handle = try context.open(type)
    do {
      try options.apply(to: handle, of: type)
    } catch {
      handle.close()
      throw error
    }
    monitors = MonitorHub()
    core = SocketCore(handle, type, context, sendsOnePart: options.conflate)
    context.eventLoop.register(core)
  }

  deinit { core.close() }

  // MARK: Endpoints

  /// Listens at an endpoint and returns the real one, with the port that the system chose for `*` or 0.
  ///
  /// - Throws: ``ZMQError`` with `addressInUse`, `invalidArgument`, `transportNotSupported`, `transportIncompatible` and
  ///   others; the text names the endpoint.
  @discardableResult
  public func bind(_ endpoint: String) throws(ZMQError) -> String {
    try core.withHandle { handle throws(ZMQError) in
      try handle.allowIPv6(for: endpoint)
      return try handle.bind(endpoint)
    }
  }

  /// Starts connecting to an endpoint; the peer need not be there yet.
  ///
  /// - Throws: as ``bind(_:)``. Whether the connection comes about is seen by the ``monitor(keeping:)`` only.
  public func connect(_ endpoint: String) throws(ZMQError) {
    try core.withHandle { handle throws(ZMQError) in
      try handle.allowIPv6(for: endpoint)
      try handle.connect(endpoint)
    }
  }

  /// Stops listening at an endpoint, which is the one that ``bind(_:)`` returned, and closes the
  /// connections that came by it.
  public func unbind(_ endpoint: String) throws(ZMQError) {
    try core.withHandle { handle throws(ZMQError) in try handle.unbind(endpoint) }
  }

  /// Disconnects from an endpoint. What is queued for it is dropped.
  public func disconnect(_ endpoint: String) throws(ZMQError) {
    try core.withHandle { handle throws(ZMQError) in try handle.disconnect(endpoint) }
  }

  // MARK: Topics

  /// Has a SUB socket receive messages whose first part begins with the topic. On an XPUB with
  /// ``ZMQSocketOptions/Publishing/isManual`` it grants the topic to the subscriber whose subscription was received last.
  ///
  /// - Throws: ``ZMQError`` with `invalidArgument` on any other type.
  public func subscribe(to topic: ZMQTopic) throws(ZMQError) { try set(topic, isWanted: true) }

  /// Takes a subscription back.
  ///
  /// - Throws: as ``subscribe(to:)-(ZMQTopic)``.
  public func unsubscribe(from topic: ZMQTopic) throws(ZMQError) { try set(topic, isWanted: false) }

  /// Has a SUB socket receive messages whose first part begins with these bytes; an empty prefix is everything.
  public func subscribe(to prefix: some Sequence<UInt8>) throws(ZMQError) { try set(ZMQTopic(prefix), isWanted: true) }

  /// Takes a subscription back.
  public func unsubscribe(from prefix: some Sequence<UInt8>) throws(ZMQError) {
    try set(ZMQTopic(prefix), isWanted: false)
  }

  private func set(_ topic: ZMQTopic, isWanted: Bool) throws(ZMQError) {
    guard type == .subscribe || type == .extendedPublish else {
      let advice = type == .extendedSubscribe ? "; it sends a message made of a ZMQSubscription" : ""
      throw ZMQError(code: .invalidArgument, message: "a \(type) socket has no subscriptions to set\(advice)")
    }
    let option = isWanted ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE
    try core.withHandle { handle throws(ZMQError) in
      try handle.set(option, topic.bytes, named: isWanted ? "subscribe" : "unsubscribe")
    }
  }

  // MARK: Messages

  /// Sends a message; suspends while no peer can take it. Large parts are not copied.
  ///
  /// - Parameters:
  ///   - message: the message, with all its parts.
  ///   - timeout: how long to wait at most; nil is what the options say, which is until a peer is there or the task is
  ///     cancelled unless they say otherwise.
  /// - Throws: ``ZMQError`` with `wouldBlock` at the time-out, `notASocket` after closing, `wrongState`, `notSupported` or
  ///   `hostUnreachable` as the pattern says; `CancellationError` when the task is cancelled. Then nothing was sent.
  public func send(_ message: ZMQMessage, timeout: Duration? = nil) async throws {
    _ = try await core.exchange(.send(message), timeout: timeout ?? sendTimeout)
  }

  /// Sends a message of frames, none of which is copied; else as ``send(_:timeout:)-(ZMQMessage,_)``.
  public func send(_ frames: [ZMQFrame], timeout: Duration? = nil) async throws {
    _ = try await core.exchange(.sendFrames(frames), timeout: timeout ?? sendTimeout)
  }

  /// Sends a message and gives up at a point in time; else as ``send(_:timeout:)-(ZMQMessage,_)``.
  public func send(_ message: ZMQMessage, until deadline: ContinuousClock.Instant) async throws {
    try await send(message, timeout: ContinuousClock.now.duration(to: deadline))
  }

  /// Receives the next message; suspends until there is one. A message is seen whole or not at all.
  ///
  /// - Parameter timeout: how long to wait at most; nil is what the options say, which is until a message is there or the
  ///   task is cancelled unless they say otherwise.
  /// - Throws: as ``send(_:timeout:)-(ZMQMessage,_)``. No message is lost by a time-out or a cancellation.
  public func receive(timeout: Duration? = nil) async throws -> ZMQMessage {
    ZMQMessage(parts: try await core.exchange(.receive, timeout: timeout ?? receiveTimeout).map(\.array))
  }

  /// Receives the next message and gives up at a point in time; else as ``receive(timeout:)``.
  public func receive(until deadline: ContinuousClock.Instant) async throws -> ZMQMessage {
    try await receive(timeout: ContinuousClock.now.duration(to: deadline))
  }

  /// Receives the next message as frames, whose large ones stay in libzmq's memory; else as ``receive(timeout:)``.
  public func receiveFrames(timeout: Duration? = nil) async throws -> [ZMQFrame] {
    try await core.exchange(.receiveFrames, timeout: timeout ?? receiveTimeout).map(\.asFrame)
  }

  /// The messages as they come, until the task is cancelled or the socket closed.
  ///
  /// ```swift
  /// for try await message in socket.messages { print(message.strings) }
  /// ```
  public var messages: ZMQMessages { ZMQMessages(socket: self) }

  /// Closes the socket; sends and receives that wait end with `notASocket`. Closing again does nothing.
  public func close() { core.close() }
}

/// Receives a socket's messages one after the other. It ends when the socket is closed.
public struct ZMQMessages: AsyncSequence, Sendable {
  let socket: ZMQSocket

  /// Receives the next message whenever it is asked to.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let socket: ZMQSocket

    /// Receives the next message; nil when the socket is closed.
    public mutating func next() async throws -> ZMQMessage? {
      do {
        return try await socket.receive()
      } catch let error as ZMQError where error.code == .notASocket {
        return nil
      }
    }
  }

  /// Makes an iterator; several of them share the messages.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: socket) }
}
