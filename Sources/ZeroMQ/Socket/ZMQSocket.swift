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
public final class ZMQSocket: Sendable {
  /// The socket's type.
  public let type: ZMQSocketType
  private let core: SocketCore

  /// Opens a socket.
  ///
  /// - Throws: ``ZMQError`` when no more sockets are available or an option is refused.
  public init(
    _ type: ZMQSocketType, options: ZMQSocketOptions = ZMQSocketOptions(), context: ZMQContext = .shared
  ) throws(ZMQError) {
    self.type = type
    let handle = try context.open(type)
    do {
      try options.apply(to: handle, of: type)
    } catch {
      handle.close()
      throw error
    }
    core = SocketCore(handle, context)
    context.eventLoop.register(core)
  }

  deinit { core.close() }

  // MARK: Endpoints

  /// Listens at an endpoint and returns the real one, with the port that the system chose for `*` or 0.
  ///
  /// - Throws: ``ZMQError`` with `addressInUse`, `invalidArgument`, `transportNotSupported` and others; the text names the
  ///   endpoint.
  @discardableResult
  public func bind(_ endpoint: String) throws(ZMQError) -> String {
    try core.withHandle { handle throws(ZMQError) in try handle.bind(endpoint) }
  }

  /// Starts connecting to an endpoint; the peer need not be there yet.
  public func connect(_ endpoint: String) throws(ZMQError) {
    try core.withHandle { handle throws(ZMQError) in try handle.connect(endpoint) }
  }

  /// Stops listening at an endpoint.
  public func unbind(_ endpoint: String) throws(ZMQError) {
    try core.withHandle { handle throws(ZMQError) in try handle.unbind(endpoint) }
  }

  /// Disconnects from an endpoint.
  public func disconnect(_ endpoint: String) throws(ZMQError) {
    try core.withHandle { handle throws(ZMQError) in try handle.disconnect(endpoint) }
  }

  // MARK: Topics

  /// Has a SUB socket receive messages whose first part begins with these bytes; an empty prefix is everything.
  public func subscribe(to prefix: some Sequence<UInt8>) throws(ZMQError) {
    let bytes = Array(prefix)
    try core.withHandle { handle throws(ZMQError) in try handle.set(ZMQ_SUBSCRIBE, bytes, named: "subscribe") }
  }

  /// Takes a subscription back.
  public func unsubscribe(from prefix: some Sequence<UInt8>) throws(ZMQError) {
    let bytes = Array(prefix)
    try core.withHandle { handle throws(ZMQError) in try handle.set(ZMQ_UNSUBSCRIBE, bytes, named: "unsubscribe") }
  }

  // MARK: Messages

  /// Sends a message; suspends while no peer can take it.
  ///
  /// - Parameter timeout: how long to wait at most; nil waits until a peer is there or the task is cancelled.
  /// - Throws: ``ZMQError`` with `wouldBlock` at the time-out, `notASocket` after closing, `wrongState`, `notSupported` or
  ///   `hostUnreachable` as the pattern says; `CancellationError` when the task is cancelled. Then nothing was sent.
  public func send(_ message: ZMQMessage, timeout: Duration? = nil) async throws {
    _ = try await core.exchange(.send(message), type: type, timeout: timeout)
  }

  /// Receives the next message; suspends until there is one.
  ///
  /// - Parameter timeout: how long to wait at most; nil waits until a message is there or the task is cancelled.
  /// - Throws: as ``send(_:timeout:)``. No message is lost by a time-out or a cancellation.
  public func receive(timeout: Duration? = nil) async throws -> ZMQMessage {
    try await core.exchange(.receive, type: type, timeout: timeout)
  }

  /// Closes the socket; sends and receives that wait end with `notASocket`. Closing again does nothing.
  public func close() { core.close() }
}
