public import MessagePack
public import ZeroMQ

/// Calls the methods of a zerorpc service: of Swift services by their generated stubs, of any other by ``remote``.
///
/// ```swift
/// try await withRPCClient(connectingTo: "tcp://127.0.0.1:4242") { client in
///   let sum = try await CalculatorClient(client).add(1, 2)
///   let same: Int = try await client.remote.add(1, 2)
/// }
/// ```
///
/// One client carries any number of concurrent calls; it is a thread-safe value to share. Calls go to its endpoints in
/// turn, and everything of one call stays on the endpoint where it began. The server need not be there yet: a call waits
/// for the connection until its time-out.
///
/// A client that is not closed by ``withRPCClient(connectingTo:configuration:_:)`` closes with ``close()`` or when the
/// last reference to it is gone.
public final class RPCClient: Sendable {
  private struct State: Sendable {
    var connections: [ClientConnection] = []
    var next = 0
    var isClosed = false
  }

  /// What the client was made with.
  public let configuration: RPCClientConfiguration
  private let state = Guarded(State())
  let heartbeatNanoseconds: UInt64
  let timeoutNanoseconds: UInt64
  /// What reports calls; nil when nobody listens.
  let instruments: ClientInstruments?
  /// Whether anything stands around calls: interceptors, or what reports them.
  let isSurrounded: Bool
  /// Whether the configuration limits calls by its time-out alone and adds nothing to their headers.
  let isPlainForValues: Bool
  let isPlainForStreams: Bool

  /// Makes a client without an endpoint; ``connect(_:)`` or ``bind(_:)`` gives it one.
  public init(configuration: RPCClientConfiguration = RPCClientConfiguration()) {
    self.configuration = configuration
    heartbeatNanoseconds = configuration.heartbeat?.clampedNanoseconds ?? 0
    timeoutNanoseconds = configuration.timeout.clampedNanoseconds
    instruments = ClientInstruments(configuration)
    isSurrounded = !configuration.interceptors.isEmpty || instruments != nil
    isPlainForValues = configuration.propagators.isEmpty && timeoutNanoseconds > 0
    isPlainForStreams = isPlainForValues && configuration.itemTimeout == nil && configuration.streamTimeout == nil
  }

  /// Makes a client of one or several servers that offer the same methods.
  ///
  /// - Throws: ``RPCError`` with `invalidEndpoint` for an endpoint that is malformed. An endpoint where nobody listens is
  ///   no error here: calls to it wait until their time-out.
  public convenience init(
    connectingTo endpoints: String..., configuration: RPCClientConfiguration = RPCClientConfiguration()
  ) throws {
    self.init(configuration: configuration)
    for endpoint in endpoints { try connect(endpoint) }
  }

  deinit { close() }

  /// The event loop that serves this client. A task that prefers it as executor saves the thread switch per call:
  ///
  /// ```swift
  /// try await withTaskExecutorPreference(client.executor) { try await calculator.add(1, 2) }
  /// ```
  ///
  /// Swift prefers an executor for code that no actor isolates: a `@concurrent` function, a detached task, a handler of a
  /// service. Code of the main actor, which an `async` main function may be, stays there and gains nothing; start a
  /// `Task(executorPreference: client.executor)` from it.
  public var executor: EventLoop { configuration.context.eventLoop }

  // MARK: Endpoints

  /// Starts connecting to one more server, or to all for which ``RPCClientConfiguration/resolvers`` say that the name
  /// stands; later calls are dealt to all endpoints in turn.
  public func connect(_ endpoint: String) throws {
    try attachAll(.connect, endpoint)
  }

  /// Listens for a server that connects, and returns the real endpoint: the first one when
  /// ``RPCClientConfiguration/resolvers`` know several.
  ///
  /// For servers behind a firewall (`RPCServer.connect`). When several servers connect to one bound endpoint, ZeroMQ deals
  /// events to them in turn, so streams need an endpoint per server.
  @discardableResult
  public func bind(_ endpoint: String) throws -> String {
    try attachAll(.bind, endpoint)
  }

  /// Stops using an endpoint; calls that are open on it end with ``RPCError/Code/closed``.
  public func disconnect(_ endpoint: String) throws {
    for endpoint in try configuration.resolvers.resolve(endpoint) { try detach(endpoint) }
  }

  private func detach(_ endpoint: String) throws {
    let connection = state.withLock { state -> ClientConnection? in
      guard let index = state.connections.firstIndex(where: { $0.endpoint == endpoint }) else { return nil }
      return state.connections.remove(at: index)
    }
    guard let connection else {
      throw RPCError(code: .invalidEndpoint, message: "cannot disconnect '\(endpoint)': the client does not use it")
    }
    connection.close()
  }

  /// The endpoints that calls go to.
  public var endpoints: [String] { state.withLock { $0.connections.map(\.endpoint) } }

  /// Ends all open calls with ``RPCError/Code/closed`` and closes the sockets. Closing again does nothing.
  public func close() {
    let connections = state.withLock { state in
      state.isClosed = true
      let connections = state.connections
      state.connections = []
      return connections
    }
    for connection in connections { connection.close() }
  }

  /// Calls and streams that are open on all endpoints.
  package var openCalls: Int { state.withLock { $0.connections }.reduce(0) { $0 + $1.openCalls } }

  /// Events on all endpoints that ZeroMQ could not take yet.
  package var queuedEvents: Int { state.withLock { $0.connections }.reduce(0) { $0 + $1.queuedEvents } }

  /// Everything that is held for open calls on all endpoints.
  package var openResources: OpenResources {
    state.withLock { $0.connections }.reduce(OpenResources()) { $0 + $1.openResources }
  }

  @discardableResult
  private func attachAll(_ attachment: SocketHandle.Attachment, _ endpoint: String) throws -> String {
    var attached: [String] = []
    do {
      for endpoint in try configuration.resolvers.resolve(endpoint) {
        attached.append(try attach(attachment, endpoint))
      }
    } catch {
      for endpoint in attached { try? detach(endpoint) }
      throw error
    }
    return attached.first ?? endpoint
  }

  private func attach(_ attachment: SocketHandle.Attachment, _ endpoint: String) throws -> String {
    let connection: ClientConnection
    do {
      connection = try ClientConnection(
        attachment, endpoint, context: configuration.context, options: configuration.transport,
        logger: configuration.logger, instruments: instruments)
    } catch {
      throw RPCError(error)
    }
    let isClosed = state.withLock { state in
      if !state.isClosed { state.connections.append(connection) }
      return state.isClosed
    }
    if isClosed {
      connection.close()
      throw RPCError(code: .closed, message: "cannot attach to '\(endpoint)': the client is closed")
    }
    return connection.endpoint
  }

  func nextConnection(for method: String) throws -> ClientConnection {
    try state.withLock { state in
      let count = state.connections.count
      if count == 1 { return state.connections[0] }
      guard count > 0 else {
        throw RPCError(
          code: .closed,
          message: state.isClosed
            ? "cannot call '\(method)': the client is closed"
            : "cannot call '\(method)': the client has no endpoint; connect it first")
      }
      state.next = (state.next + 1) % count
      return state.connections[state.next]
    }
  }

  // MARK: Calling

  /// Calls a method that returns one value. Generated stubs and ``remote`` call it.
  ///
  /// - Parameters:
  ///   - method: the name on the wire.
  ///   - options: what differs from the client's configuration.
  ///   - errors: the errors that arrive as themselves; evaluated when the peer reports an error.
  ///   - pack: packs all arguments as one array, header included.
  ///   - unpack: reads the result; the view is valid only inside.
  /// - Throws: a declared error as itself, or ``RemoteError`` as the peer's handler raised it; `CancellationError` when the
  ///   task is cancelled; ``RPCError`` with `timeout`, `lostPeer`, `closed`, `protocolViolation`, `invalidArgument` or
  ///   `invalidResult`.
  public func call<Result>(
    _ method: String, options: RPCCallOptions = RPCCallOptions(), errors: @autoclosure () -> [RPCErrorType] = [],
    pack: (inout MessagePackPacker) throws -> Void,
    unpack: (MessagePackView) throws -> Result
  ) async throws -> Result {
    if options.isOneWay || isSurrounded { return try await callSpecially(method, options, errors, pack, unpack) }
    let call = try begin(method, options, expecting: .value, pack)
    await call.answer()
    return try finish(call, errors, unpack)
  }

  // Apart from the others, because what an async function needs for any of its ways, it has in memory for all of them.
  @inline(never)
  private func callSpecially<Result>(
    _ method: String, _ options: RPCCallOptions, _ errors: () -> [RPCErrorType],
    _ pack: (inout MessagePackPacker) throws -> Void, _ unpack: (MessagePackView) throws -> Result
  ) async throws -> Result {
    if options.isOneWay { return try await callOneWay(method, options, pack) }
    let packed = try packedForInterceptors(method, pack)
    return try await surrounded(method, options, packed, isStream: false) { _ in
      true
    } _: { options, observer in
      let call = try begin(method, options, expecting: .value) { try packed.append(to: &$0, or: pack) }
      await call.answer()
      observer.note(call)
      return try finish(call, errors, unpack)
    }
  }

  /// Calls a method that returns a stream; returns when its first item, its end or an error has come.
  ///
  /// - Parameters:
  ///   - method: the name on the wire.
  ///   - options: what differs from the client's configuration.
  ///   - errors: the errors that arrive as themselves; evaluated when the peer reports an error.
  ///   - pack: packs all arguments as one array, header included.
  ///   - unpack: reads one item; called on the consumer's task.
  /// - Throws: as ``call(_:options:errors:pack:unpack:)``.
  public func stream<Element: Sendable>(
    _ method: String, options: RPCCallOptions = RPCCallOptions(),
    errors: @escaping @autoclosure @Sendable () -> [RPCErrorType] = [],
    pack: (inout MessagePackPacker) throws -> Void,
    unpack: @escaping @Sendable (MessagePackView) throws -> Element
  ) async throws -> RPCStream<Element> {
    if options.isOneWay { throw notOneWay(method, "a stream") }
    if isSurrounded {
      let packed = try packedForInterceptors(method, pack)
      return try await surrounded(method, options, packed, isStream: true) { _ in
        false
      } _: { options, observer in
        let call = try begin(method, options, expecting: .stream) { try packed.append(to: &$0, or: pack) }
        await call.answer()
        guard call.connection.isStream(call) else {
          observer.note(call)
          throw failure(of: call, errors)
        }
        return RPCStream(
          ClientStream(call, client: self, errors: errors, observer: observer, unpack))
      }
    }
    let call = try begin(method, options, expecting: .stream, pack)
    await call.answer()
    guard call.connection.isStream(call) else { throw failure(of: call, errors) }
    return RPCStream(ClientStream(call, client: self, errors: errors, unpack))
  }

  /// Calls a method of which it is not known whether it returns a value or a stream.
  package func callEither(
    _ method: String, options: RPCCallOptions = RPCCallOptions(),
    pack: (inout MessagePackPacker) throws -> Void
  ) async throws -> RPCReply {
    guard isSurrounded else { return try await startEither(method, options, nil, pack) }
    let packed = try packedForInterceptors(method, pack)
    return try await surrounded(method, options, packed, isStream: false) { reply in
      if case .value = reply { true } else { false }
    } _: { options, observer in
      try await startEither(method, options, observer) { try packed.append(to: &$0, or: pack) }
    }
  }

  private func startEither(
    _ method: String, _ options: RPCCallOptions, _ observer: CallObserver?,
    _ pack: (inout MessagePackPacker) throws -> Void
  ) async throws -> RPCReply {
    let call = try begin(method, options, expecting: .either, pack)
    await call.answer()
    if call.connection.isStream(call) {
      return .stream(
        RPCStream(ClientStream(call, client: self, observer: observer) { try $0.value() }))
    }
    observer?.note(call)
    return .value(try finish(call, { [] }) { try $0.value() })
  }

  /// The value with which a call has ended.
  private func finish<Result>(
    _ call: ClientCall, _ errors: () -> [RPCErrorType], _ unpack: (MessagePackView) throws -> Result
  ) throws -> Result {
    guard case .value = call.ending else { throw failure(of: call, errors) }
    let start = call.replyArguments
    do {
      return try call.reply.withValue(from: start) { arguments in
        // The value is wrapped in an array of one; the reference reads its first element and ignores more.
        guard arguments.kind == .array, arguments.count > 0 else {
          throw MessagePackError(code: .typeMismatch, message: "the reply holds no value")
        }
        return try unpack(arguments[0])
      }
    } catch let error as MessagePackError {
      throw RPCError(
        code: .invalidResult,
        message: "the result of '\(call.method)' of \(call.connection.endpoint) is not what was asked for: \(error)",
        cause: error)
    }
  }

  /// The error with which a call without a value ends.
  func failure(of call: ClientCall, _ errors: () -> [RPCErrorType]) -> any Error {
    let connection = call.connection
    let place = "'\(call.method)' of \(connection.endpoint)"
    switch call.ending {
    case .remoteError:
      return remoteFailure(of: call, errors)
    case .timedOut(let wasSent):
      if !wasSent, let failure = connection.handshakeFailure {
        return RPCError(
          code: .authenticationFailed,
          message: "\(call.expiredLimit), when calling \(place): no connection, because \(failure)"
        ).ofCall(wasSent: false)
      }
      let reason =
        wasSent ? "" : ": no connection; nobody listens there, it is not reachable, or it asks for a key or a password"
      return RPCError(code: .timeout, message: "\(call.expiredLimit), when calling \(place)\(reason)")
        .ofCall(wasSent: wasSent)
    case .lost(let wasSent) where connection.handshakeFailure != nil:
      return RPCError(
        code: .authenticationFailed,
        message: "no connection, when calling \(place), because \(connection.handshakeFailure ?? "")"
      ).ofCall(wasSent: wasSent)
    case .lost(wasSent: false):
      return RPCError(
        code: .lostPeer,
        message: "no connection for more than two intervals of heartbeats of \(configuration.heartbeat ?? .zero), when "
          + "calling \(place): nobody listens there, or it is not reachable; nothing was sent"
      ).ofCall(wasSent: false)
    case .lost:
      return RPCError(
        code: .lostPeer,
        message: "lost the peer, when calling \(place): no heartbeat for more than two intervals of "
          + "\(configuration.heartbeat ?? .zero); it died, hangs, sends heartbeats at another "
          + "interval, or is a Node service without such a method")
    case .cancelled: return CancellationError()
    case .closed: return RPCError(code: .closed, message: "the client was closed, when calling \(place)")
    case .unsendable(let reason):
      return RPCError(code: .transport, message: "cannot send the call of \(place): \(reason)")
    case .violation(let violation, let event):
      let text =
        switch violation {
        case .streamForValue: "answers with a stream, not a value; call it as a stream"
        case .valueForStream: "answers with a value, not a stream; call it for a value"
        case .unknownAnswer: "answered with the event '\(event)', which is no answer"
        case .ignoredCredit: "sends more than its credit allows; the stream was ended to bound memory"
        }
      return RPCError(code: .protocolViolation, message: "\(place) \(text)")
    case .value, .endOfStream, nil:
      return RPCError(code: .protocolViolation, message: "\(place) ended in an unexpected way")
    }
  }
}

/// What a call answered of which it was not known whether it streams.
package enum RPCReply: Sendable {
  case value(MessagePackValue)
  case stream(RPCStream<MessagePackValue>)
}

/// Makes a client, passes it to a closure, and closes it when the closure returns or throws.
///
/// - Parameters:
///   - endpoints: one or several servers that offer the same methods.
///   - configuration: time-outs, heartbeats and the rest.
///   - body: what is done with the client, which is closed afterwards.
/// - Throws: what the closure throws, or ``RPCError`` with `invalidEndpoint`.
public func withRPCClient<Result>(
  connectingTo endpoints: String..., configuration: RPCClientConfiguration = RPCClientConfiguration(),
  _ body: (RPCClient) async throws -> Result
) async throws -> Result {
  let client = RPCClient(configuration: configuration)
  defer { client.close() }
  for endpoint in endpoints { try client.connect(endpoint) }
  return try await body(client)
}
