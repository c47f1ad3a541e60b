internal import Synchronization
internal import ZeroMQ
internal import ZeroRPC

/// Stands between zerorpc clients and several servers, its *workers*, and keeps every channel on one of them.
///
/// ```swift
/// let broker = try RPCBroker()
/// try await broker.bindFrontend("tcp://*:4242")
/// try broker.connectBackend("tcp://10.0.0.1:4242")
/// try broker.connectBackend("tcp://10.0.0.2:4242")
/// try await broker.run()
/// ```
///
/// Neither clients nor servers change, and it can be put between them while they run: its frontend binds what clients connect to,
/// its backend connects to what servers are bound to (or the other way round, by ``bindBackend(_:)``). A plain ROUTER/DEALER
/// proxy does not do for several servers: it deals every *event* in turn, so that a stream's credits and a long call's
/// heartbeats reach a server that knows nothing of them.
///
/// The broker reads the header of an event and passes its bytes on untouched. A call is pinned to a worker by the policy until
/// `OK`, `ERR` or `STREAM_DONE`, a cancellation, or silence ends it. When a worker is lost, its channels end without a word and
/// their clients report a lost peer, as if they had talked to it themselves; new calls go to the others. Calls wait in a bounded
/// queue while no worker is free, and their heartbeats are answered meanwhile; when the queue is full, they end with the remote
/// error `BrokerOverloaded`.
public final class RPCBroker: Sendable {
  private let core: BrokerCore
  private let hasRun = Atomic<Bool>(false)
  /// What the broker was made with.
  public var configuration: RPCBrokerConfiguration { core.configuration }

  /// Makes a broker without endpoints.
  ///
  /// - Throws: `RPCError` with `transport` when no more sockets are available.
  public init(configuration: RPCBrokerConfiguration = RPCBrokerConfiguration()) throws {
    do { core = try BrokerCore(configuration) } catch { throw RPCError(error) }
  }

  deinit { core.close() }

  // MARK: Endpoints

  /// Listens for clients at one more endpoint and returns the real one, with the port that the system chose for port 0 or `*`.
  ///
  /// - Throws: `RPCError` with `addressInUse`, `invalidEndpoint` or `transport`.
  @discardableResult
  public func bindFrontend(_ endpoint: String) async throws -> String {
    try await patiently { try core.bindFrontend(endpoint) }
  }

  /// Adds a worker: a server that is bound to an endpoint. It need not be there yet, and may go and come again.
  ///
  /// - Throws: `RPCError` with `invalidEndpoint` or `transport`.
  public func connectBackend(_ endpoint: String) throws { try core.connectBackend(endpoint) }

  /// Listens at an endpoint for workers that connect, any number of them, and returns the real endpoint.
  ///
  /// A peer is taken for a worker once it answers `_zerorpc_ping`, which every zerorpc server does. It is found by the routing id
  /// that libzmq gives it; a server that sets a `ZMQ_ROUTING_ID` of its own cannot be found, because it says nothing until
  /// it is addressed. ``RPCBrokerConfiguration/probeInterval`` must not be nil.
  ///
  /// - Throws: `RPCError` with `addressInUse`, `invalidEndpoint`, `invalidConfiguration` or `transport`.
  @discardableResult
  public func bindBackend(_ endpoint: String) async throws -> String {
    guard configuration.probeInterval != nil else {
      throw RPCError(
        code: .invalidConfiguration,
        message: "cannot listen for workers at '\(endpoint)' with the probeInterval nil: they are found by asking them")
    }
    return try await patiently { try core.bindBackend(endpoint) }
  }

  /// Listens for questions about the broker and returns the real endpoint. A REQ or DEALER socket that sends `STATISTICS` gets
  /// eight unsigned 64-bit numbers in eight frames, as from a libzmq proxy: messages and bytes received from clients, sent to
  /// clients, received from workers and sent to workers. `REPORT` is answered by ``BrokerStatistics`` in MessagePack.
  ///
  /// - Throws: `RPCError` with `addressInUse`, `invalidEndpoint` or `transport`.
  @discardableResult
  public func bindControl(_ endpoint: String) async throws -> String {
    try await patiently { try core.bindControl(endpoint) }
  }

  private static let bindRetries = 25

  /// libzmq closes sockets in the background: whoever has just stopped may hold a port for a moment longer.
  private func patiently(_ bind: () throws -> String) async throws -> String {
    for _ in 0..<RPCBroker.bindRetries {
      do { return try bind() } catch let error as RPCError where error.code == .addressInUse {
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    return try bind()
  }

  // MARK: Life

  /// Passes messages on until the task is cancelled or the broker is shut down, then closes the sockets.
  ///
  /// - Throws: `RPCError` with `closed` when the broker has run already.
  public func run() async throws {
    guard !hasRun.exchange(true, ordering: .sequentiallyConsistent) else {
      throw RPCError(code: .closed, message: "the broker has been run already; make a new one")
    }
    core.start()
    try await withGracefulShutdown(by: beginGracefulShutdown) {
      await withTaskCancellationHandler {
        await core.waitUntilClosed()
      } onCancel: {
        core.close()
      }
    }
  }

  /// Has ``run()`` return as soon as no channel is open, or after ``RPCBrokerConfiguration/shutdownGrace``. Until then everything
  /// goes on, new calls included: the broker goes out in a moment in which nobody calls, or right behind an answer, so that
  /// its successor at the same endpoint gets the next call.
  public func beginGracefulShutdown() { core.drain() }

  /// What the broker does and has done.
  public var statistics: BrokerStatistics { core.statistics() }
}
