internal import MessagePack
internal import ZeroMQ

/// Holds what a pusher and a publisher have in common: configuration, socket and endpoints.
final class Sender: Sendable {
  private struct State: Sendable {
    var connection: SenderConnection?
    var isClosed = false
  }

  let configuration: RPCSenderConfiguration
  private let type: ZMQSocketType
  private let list: EndpointList
  private let state = Guarded(State())
  private let timeout: UInt64
  private let isPlain: Bool
  private let instruments: SenderInstruments?

  init(_ type: ZMQSocketType, _ configuration: RPCSenderConfiguration) {
    self.type = type
    self.configuration = configuration
    list = EndpointList(of: "the sender", resolvers: configuration.resolvers)
    timeout = configuration.timeout.clampedNanoseconds
    isPlain = configuration.propagators.isEmpty
    instruments = SenderInstruments(configuration.instrumentation)
  }

  // MARK: Endpoints

  var endpoints: [String] { list.endpoints }

  @discardableResult
  func attach(_ attachment: SocketHandle.Attachment, _ endpoint: String) throws -> String {
    try list.attach(try connectionForUse(endpoint), attachment, to: endpoint)
  }

  func detach(_ endpoint: String) throws {
    try list.detach(state.withLock { $0.connection }, from: endpoint)
  }

  func close() {
    let connection = state.withLock { state in
      state.isClosed = true
      return state.connection.take()
    }
    list.removeAll()
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
