internal import CZeroMQ
internal import Synchronization

/// Moves the messages of a ``ZMQProxy``. One lock guards all of its sockets; the event loop's leader moves under it.
final class ProxyEngine: Sendable {
  /// Names the sockets.
  enum Place: Int, CaseIterable, Sendable { case frontend, backend, capture, control }

  /// Says what the event loop has to know after a turn.
  struct Turn {
    var hasMore = false
    var next = MonotonicTime.never
  }

  enum Phase { case idle, running, ending(until: UInt64), ended }

  /// A direction, the message that is on its way in it, and whether there is one. Confined to the engine's lock.
  final class Lane {
    let from: Place
    let to: Place
    var message = ProxyMessage()
    var isHolding = false

    init(_ from: Place, _ to: Place) { (self.from, self.to) = (from, to) }
  }

  struct State: ~Copyable {
    var sockets: [SocketHandle?] = [nil, nil, nil, nil]
    var ports: [ProxyPort] = []
    var phase = Phase.idle
    var isPaused = false
    var waiter: UnsafeContinuation<Void, Never>?
    var lanes: [Lane]
    /// Replies for clients that do not take theirs, by routing id.
    var parked: [[UInt8]: [ProxyMessage]] = [:]
    var parkedCount = 0
    var command = ProxyMessage()
    /// Whether what moved last was a request.
    var owesReply = false
    /// When something was received last, in nanoseconds of ``MonotonicTime``; 0 if never.
    var lastReceived: UInt64 = 0
    var statistics = ZMQProxyStatistics()

    init(_ kind: ZMQProxy.Kind) {
      lanes = [Lane(.frontend, .backend)]
      if kind != .streamer { lanes.append(Lane(.backend, .frontend)) }
    }

    var isHolding: Bool { parkedCount > 0 || lanes.contains(where: \.isHolding) }

    subscript(place: Place) -> SocketHandle? { sockets[place.rawValue] }
  }

  /// Messages moved each way in one turn, before other sources and jobs get theirs.
  static let budget = 64
  /// How soon a peer that had no room is tried again where libzmq does not tell, in nanoseconds.
  static let retryNanoseconds: UInt64 = 5_000_000

  let kind: ZMQProxy.Kind
  let configuration: ZMQProxy.Configuration
  private let context: ZMQContext
  let state: Guarded<State>

  init(_ kind: ZMQProxy.Kind, _ configuration: ZMQProxy.Configuration) throws(ZMQError) {
    (self.kind, self.configuration, context) = (kind, configuration, configuration.context)
    var state = State(kind)
    do throws(ZMQError) {
      var frontend = configuration.frontend
      // Or ROUTER would drop the replies for a client whose queue is full, instead of saying so.
      if kind == .queue { frontend.routerMandatory = true }
      state.sockets[0] = try ProxyEngine.open(kind.frontend, frontend, context)
      state.sockets[1] = try ProxyEngine.open(kind.backend, configuration.backend, context)
      var options = ZMQSocketOptions()
      if let type = configuration.capture { state.sockets[2] = try ProxyEngine.open(type, options, context) }
      if let type = configuration.control {
        // Commands are short, and whoever sends something else need not fill the memory.
        options.maximumMessageSize = 65_536
        let socket = try ProxyEngine.open(type, options, context)
        state.sockets[3] = socket
        if type == .subscribe { try socket.set(ZMQ_SUBSCRIBE, [], named: "subscribe") }
      }
    } catch {
      for socket in state.sockets { socket?.close() }
      throw error
    }
    self.state = Guarded(state)
  }

  private static func open(
    _ type: ZMQSocketType, _ options: ZMQSocketOptions, _ context: ZMQContext
  ) throws(ZMQError) -> SocketHandle {
    let socket = try context.open(type)
    do throws(ZMQError) {
      try options.apply(to: socket, of: type)
    } catch {
      socket.close()
      throw error
    }
    return socket
  }

  // MARK: Endpoints

  /// Uses a socket under the lock.
  func withSocket<Value>(
    _ place: Place, _ body: (SocketHandle) throws(ZMQError) -> Value
  ) throws(ZMQError) -> Value {
    defer { visit() }
    return try state.withLock { state throws(ZMQError) in
      guard let socket = state[place] else { throw ZMQError(code: .notASocket, message: "the proxy has ended") }
      return try body(socket)
    }
  }

  func bind(_ place: Place, _ endpoint: String) throws(ZMQError) -> String {
    try withSocket(place) { socket throws(ZMQError) in
      try socket.allowIPv6(for: endpoint)
      return try socket.bind(endpoint)
    }
  }

  // MARK: Running

  func run() async throws {
    try start()
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let hasEnded = state.withLock { state in
          if case .ended = state.phase { return true }
          state.waiter = continuation
          return false
        }
        if hasEnded { continuation.resume() }
      }
    } onCancel: {
      terminate()
    }
  }

  private func start() throws(ZMQError) {
    let ports = try state.withLock { state throws(ZMQError) in
      guard case .idle = state.phase else {
        throw ZMQError(code: .wrongState, message: "the \(kind) proxy runs or ran already; make another one")
      }
      state.phase = .running
      state.ports = state.sockets.compactMap { socket in socket.map { ProxyPort($0, self) } }
      return state.ports
    }
    for port in ports { context.eventLoop.register(port) }
  }

  /// Has the leader take a turn.
  private func visit() {
    let port = state.withLock { $0.ports.first }
    if let port { context.eventLoop.visit(port) }
  }

  var isPaused: Bool { state.withLock { $0.isPaused } }

  var statistics: ZMQProxyStatistics { state.withLock { $0.statistics } }

  func pause() { state.withLock { $0.isPaused = true } }

  func resume() {
    state.withLock { $0.isPaused = false }
    visit()
  }

  func terminate() {
    let isIdle = state.withLock { state in
      if case .idle = state.phase { return true }
      beginEnd(&state)
      return false
    }
    if isIdle { close() } else { visit() }
  }

  /// Has the proxy end in a quiet moment.
  ///
  /// It listens until then: libzmq closes the connections of an endpoint together with it, and with them the way back.
  func beginEnd(_ state: inout State) {
    guard case .running = state.phase else { return }
    let drain = configuration.drain.clampedNanoseconds
    state.phase = .ending(until: MonotonicTime.now().addingReportingOverflow(drain).partialValue)
  }

  /// Closes the sockets and ends ``run()``. Closing again does nothing.
  func close() {
    let waiter = state.withLock { state -> UnsafeContinuation<Void, Never>? in
      end(&state)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  private func end(_ state: inout State) {
    state.phase = .ended
    for port in state.ports { context.eventLoop.unregister(port) }
    state.ports = []
    for socket in state.sockets { socket?.close() }
    state.sockets = [nil, nil, nil, nil]
    (state.parked, state.parkedCount) = ([:], 0)
  }

  /// Obeys commands and moves a burst of messages each way.
  func turn(now: UInt64) -> Turn {
    var waiter: UnsafeContinuation<Void, Never>?
    let turn = state.withLock { state -> Turn in
      var turn = Turn()
      switch state.phase {
      case .idle, .ended: return turn
      case .running, .ending: break
      }
      turn.hasMore = obey(&state)
      if !state.isPaused { move(&state) }
      look(state, now, &turn)
      if case .ending(let until) = state.phase, mayEnd(state, turn, now, until, &turn.next) {
        end(&state)
        (waiter, state.waiter) = (state.waiter, nil)
        return Turn()
      }
      return turn
    }
    waiter?.resume()
    return turn
  }
}

extension ProxyEngine {
  /// How long nothing may have moved for a moment to be quiet, in nanoseconds. A client can lose the reply that arrives
  /// together with the end of its connection.
  private static let quiet: UInt64 = 20_000_000

  /// Whether a proxy that is to end may do so: when everything has passed and no client waits, or time is over.
  private func mayEnd(_ state: borrowing State, _ turn: Turn, _ now: UInt64, _ until: UInt64, _ next: inout UInt64)
    -> Bool
  {
    let isOver = now >= until
    let isSettled = !turn.hasMore && !state.owesReply && !state.isHolding
    // Between two calls if there is such a moment, else once more as long for the reply that is under way.
    if state.isPaused || (isSettled && (isOver || now &- state.lastReceived >= ProxyEngine.quiet)) { return true }
    let last = until &+ configuration.drain.clampedNanoseconds
    if now >= last { return true }
    next = min(next, isOver ? last : min(until, isSettled ? state.lastReceived &+ ProxyEngine.quiet : until))
    return false
  }
}
