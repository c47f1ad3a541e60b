internal import Synchronization
internal import ZeroMQ

/// Exposes services to zerorpc clients, of Swift and of any other language.
///
/// ```swift
/// let server = RPCServer(services: [MyCalculator()])
/// try await server.bind("tcp://127.0.0.1:4242")
/// try await server.run()
/// ```
///
/// Calls run concurrently, each in a task of its own. A handler may compute or block for as long as it likes: heartbeats,
/// cancellation and other calls do not wait for it. When a client is lost, cancels, or lets its deadline pass, the handler's
/// task is cancelled.
public final class RPCServer: Sendable {
  private enum Phase: Sendable { case idle, running, stopped }

  private struct State: Sendable {
    var phase = Phase.idle
    var connection: ServerConnection?
    var stopWaiter: CheckedContinuation<Void, Never>?
    var isShutdownRequested = false
  }

  /// The name that introspection tells.
  public let name: String
  /// What the server was made with.
  public let configuration: RPCServerConfiguration
  private let methods: MethodTable
  private let duplicates: [String]
  private let instruments: ServerInstruments?
  private let list: EndpointList
  private let state = Mutex(State())

  /// Makes a server of one or several services.
  ///
  /// - Parameters:
  ///   - name: the name that introspection tells; that of the first service unless given.
  ///   - services: what peers can call. No two of them may have a method of the same name.
  ///   - configuration: heartbeats, limits, security and the rest.
  public init(
    name: String? = nil, services: [any RPCService], configuration: RPCServerConfiguration = RPCServerConfiguration()
  ) {
    let definitions = services.map(\.zeroRPCGenerated)
    let serverName = name ?? definitions.first?.name ?? "Server"
    self.name = serverName
    self.configuration = configuration
    list = EndpointList(of: "the server", resolvers: configuration.resolvers)
    instruments = ServerInstruments(configuration)
    var duplicates: [String] = []
    let own = definitions.flatMap(\.methods)
    let builtIn = configuration.isIntrospectable ? Introspection(name: serverName, methods: own).definitions : []
    methods = MethodTable(own + builtIn, duplicates: &duplicates)
    self.duplicates = duplicates
  }

  /// Listens at an endpoint and returns the real one, with the port that the system chose for port 0 or `*`; the first one
  /// when ``RPCServerConfiguration/resolvers`` know several.
  ///
  /// - Throws: ``RPCError`` with `addressInUse`, `invalidEndpoint` or `transport`.
  @discardableResult
  public func bind(_ endpoint: String) async throws -> String {
    try await retryingBind(in: configuration.context.eventLoop) {
      try list.attach(try connectionForUse(), .bind, to: endpoint)
    }
  }

  /// Connects to a client that is bound, for a server that cannot be reached from outside.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint` or `transport`.
  public func connect(_ endpoint: String) async throws {
    try list.attach(try connectionForUse(), .connect, to: endpoint)
  }

  /// Stops using an endpoint. Calls that came through it are lost, because libzmq closes its connections too.
  public func disconnect(_ endpoint: String) async throws {
    try list.detach(state.withLock { $0.connection }, from: endpoint)
  }

  /// The endpoints that the server is bound or connected to.
  public var endpoints: [String] { list.endpoints }

  /// Calls whose handlers have not ended.
  package var openCalls: Int { state.withLock { $0.connection }?.openCalls ?? 0 }

  /// Events that ZeroMQ could not take yet.
  package var queuedEvents: Int { state.withLock { $0.connection }?.queuedEvents ?? 0 }

  /// What ZeroMQ could not take yet, in bytes.
  package var queuedBytes: Int { state.withLock { $0.connection }?.queuedBytes ?? 0 }

  /// Everything that is held for open calls.
  package var openResources: OpenResources {
    state.withLock { $0.connection }?.openResources ?? OpenResources()
  }

  /// Does what ``run()`` says, for whichever lifecycle calls it.
  func serve() async throws {
    let connection = try connectionForUse()
    try state.withLock { state in
      guard state.phase == .idle else {
        throw RPCError(code: .closed, message: "the server \(name) has been run already; make a new one")
      }
      state.phase = .running
    }
    connection.start()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let stops = state.withLock { state in
          if state.isShutdownRequested || Task.isCancelled { return true }
          state.stopWaiter = continuation
          return false
        }
        if stops { continuation.resume() }
      }
      connection.drain()
      let grace = configuration.shutdownGrace
      let loop = connection.loop
      let limit = Task(executorPreference: loop.simulatedExecutor) {
        try await loop.sleep(for: grace)
        connection.stopCalls()
      }
      if !Task.isCancelled {
        await connection.waitUntilIdle()
        // A libzmq client can lose what arrives together with the end of its connection (about one answer in a hundred,
        // measured with ZMQ_IMMEDIATE): the last answers get a moment to be read first.
        try? await loop.sleep(for: .milliseconds(100))
      }
      limit.cancel()
    } onCancel: {
      beginGracefulShutdown()
      connection.close()
    }
    connection.close()
    state.withLock { $0.phase = .stopped }
    list.removeAll()
  }

  /// Has ``run()`` refuse new calls with the remote error `ServerShuttingDown`, finish those that are open, and return. Handlers
  /// that take longer than ``RPCServerConfiguration/shutdownGrace`` are cancelled; their callers get the remote error `ServerStopped`.
  ///
  /// The endpoints stay bound until then: libzmq closes the connections of an endpoint together with it, and with them the way
  /// for the last answers.
  public func beginGracefulShutdown() {
    let (waiter, connection) = state.withLock { state in
      state.isShutdownRequested = true
      defer { state.stopWaiter = nil }
      return (state.stopWaiter, state.connection)
    }
    connection?.drain()
    waiter?.resume()
  }

  private func connectionForUse() throws -> ServerConnection {
    guard duplicates.isEmpty else {
      throw RPCError(
        code: .invalidConfiguration,
        message: "two services of the server \(name) have a method named \(duplicates.joined(separator: ", ")); "
          + "give one of them another name by '// zerorpc: name = \"…\"'")
    }
    return try state.withLock { state in
      if let connection = state.connection { return connection }
      guard state.phase != .stopped else {
        throw RPCError(code: .closed, message: "the server \(name) has stopped; make a new one")
      }
      do {
        let connection = try ServerConnection(
          context: configuration.context, options: configuration.transport,
          heartbeat: configuration.heartbeat?.clampedNanoseconds ?? 0, limits: configuration.limits, methods: methods,
          middleware: ServerMiddleware(configuration), logger: configuration.logger, instruments: instruments)
        state.connection = connection
        return connection
      } catch {
        throw RPCError(error)
      }
    }
  }
}
