internal import MessagePack
internal import ZeroMQ

/// Holds what a pusher and a publisher have in common: configuration, socket and endpoints.
final class Sender: Sendable {
  private struct State: Sendable {
    var connection: SenderConnection?
    var endpoints: [(attachment: SocketHandle.Attachment, endpoint: String)] = []
    var isClosed = false
  }

  let configuration: RPCSenderConfiguration
  private let type: ZMQSocketType
  private let state = Guarded(State())
  private let timeout: UInt64
  private let isPlain: Bool
  private let instruments: SenderInstruments?

  init(_ type: ZMQSocketType, _ configuration: RPCSenderConfiguration) {
    self.type = type
    self.configuration = configuration
    timeout = configuration.timeout.clampedNanoseconds
    isPlain = configuration.propagators.isEmpty
    instruments = SenderInstruments(configuration.instrumentation)
  }

  // MARK: Endpoints

  var endpoints: [String] { state.withLock { $0.endpoints.map(\.endpoint) } }

  @discardableResult
  func attach(_ attachment: SocketHandle.Attachment, _ endpoint: String) throws -> String {
    let connection = try connectionForUse(endpoint)
    var attached: [String] = []
    do {
      for endpoint in try configuration.resolvers.resolve(endpoint) {
        attached.append(try connection.attach(attachment, to: endpoint))
      }
    } catch {
      for endpoint in attached { try? connection.detach(attachment, from: endpoint) }
      throw error
    }
    state.withLock { state in
      for real in attached { state.endpoints.append((attachment, real)) }
    }
    return attached.first ?? endpoint
  }

  func detach(_ endpoint: String) throws {
    for endpoint in try configuration.resolvers.resolve(endpoint) {
      let (connection, attachment) = state.withLock { state in
        let index = state.endpoints.firstIndex { $0.endpoint == endpoint }
        return (state.connection, index.map { state.endpoints.remove(at: $0).attachment })
      }
      guard let connection, let attachment else {
        throw RPCError(code: .invalidEndpoint, message: "cannot disconnect '\(endpoint)': the sender does not use it")
      }
      try connection.detach(attachment, from: endpoint)
    }
  }

  func close() {
    let connection = state.withLock { state in
      state.isClosed = true
      state.endpoints = []
      return state.connection.take()
    }
    connection?.close()
  }

  private func connectionForUse(_ endpoint: String) throws -> SenderConnection {
    // Opened outside of the lock; of two that were opened at once, one is closed again.
    if let connection = state.withLock({ $0.connection }) { return connection }
    let made: SenderConnection
    do { made = try SenderConnection(type, configuration) } catch { throw RPCError(error) }
    let used = state.withLock { state -> SenderConnection? in
      if state.isClosed { return nil }
      if let connection = state.connection { return connection }
      state.connection = made
      return made
    }
    if used !== made { made.close() }
    guard let used else {
      throw RPCError(code: .closed, message: "cannot attach to '\(endpoint)': the sender is closed")
    }
    return used
  }

  // MARK: Messages

  /// The connection that messages go to.
  @inline(__always)
  func connection(for action: @autoclosure () -> String) throws -> SenderConnection {
    let (connection, isClosed) = state.withLock { ($0.connection, $0.isClosed) }
    if let connection { return connection }
    throw RPCError(
      code: .closed,
      message: "cannot \(action()): "
        + (isClosed ? "the sender is closed" : "the sender has no endpoint; bind or connect it first"))
  }

  /// Packs a message. The bytes of its id are filled in when it is sent.
  func pack(
    _ method: String, _ options: RPCSendOptions, _ pack: (inout MessagePackPacker) throws -> Void
  ) throws -> MessagePackPacker {
    var packer = MessagePackPacker()
    var options = options
    instruments?.made(method, &options)
    let scope = CallScope.current
    if scope == nil, isPlain, options.headers.isEmpty {
      EventWriter.open(method, into: &packer)
    } else {
      var inherited = scope?.headers ?? [:]
      for propagator in configuration.propagators { inherited.merge(propagator.outgoing()) { _, new in new } }
      EventWriter.open(
        method, CallLimits.Announcement(), try HeaderEntries(inherited, options.headers, method), into: &packer)
    }
    do {
      try pack(&packer)
      try packer.check()
    } catch let error as MessagePackError {
      throw RPCError(code: .invalidArgument, message: "cannot send '\(method)': \(error)", cause: error)
    }
    return packer
  }

  /// Until when a message may wait.
  func deadline(_ options: RPCSendOptions) -> UInt64 {
    deadline(after: options.timeout?.clampedNanoseconds ?? timeout)
  }

  /// Until when a wait may last: nanoseconds from now, or the deadline of the scope around it if that is earlier.
  func deadline(after nanoseconds: UInt64) -> UInt64 {
    min(CallLimits.deadline(nanoseconds, after: MonotonicTime.now()), CallScope.current?.deadline ?? .max)
  }

  /// The error with which a wait that was not successful ends; nil for one that was.
  func error(
    _ outcome: SenderConnection.Outcome, _ action: String, _ advice: @autoclosure () -> String
  ) -> (any Error)? {
    switch outcome {
    case .done: return nil
    case .timedOut:
      let place = endpoints.joined(separator: ", ")
      return RPCError(code: .timeout, message: "no time is left to \(action) at \(place): \(advice())")
    case .cancelled: return CancellationError()
    case .closed: return RPCError(code: .closed, message: "cannot \(action): the sender was closed")
    case .failed(let number):
      return RPCError(code: .transport, message: "cannot \(action): \(ZMQError.Code(number: number))")
    }
  }
}
