internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ

/// Performs what the call machines of one endpoint ask for: one DEALER socket and the calls that are open on it.
///
/// Everything is guarded by one lock. The loop's leader receives under it; a caller sends under it from whatever thread
/// it is on, so that a call costs no thread switch on the way out. Continuations are resumed after it is released.
final class ClientConnection: EventSource {
  struct CorkAddress: Sendable {
    let key: Int
    let generation: UInt32
    let kind: Kind

    enum Kind: Sendable {
      case request
      /// Must arrive, or the stream stalls.
      case grant
      /// Of no use later: a cancellation.
      case transient
    }
  }

  struct State: ~Copyable {
    var socket: SocketHandle?
    var ids = MessageIDGenerator()
    var calls = Slab<ClientCall>()
    var timers = TimerWheel()
    /// Events that libzmq could not take yet, oldest first. Entries of ended calls are skipped and swept.
    var outbox: [(key: Int, generation: UInt32, event: EventBuffer)] = []
    var deadInOutbox = 0
    /// Channels that owe a heartbeat.
    var owedHeartbeats = 0
    /// Events of this turn, sent together when the leader comes by.
    var cork = Cork<CorkAddress>()
    /// Whether somebody is on the way who sends them, while the leader is parked.
    var flushIsPlanned = false
    /// Callers that were answered and have not called again since; forgotten when those that were resumed by then have run.
    var answered = 0
    /// Requests that callers have left to the leader, while it opens them.
    var submitted = Cork<Submission>()
    var frame = Frame()
    /// Frames received since libzmq last processed its commands while receiving.
    var frames = 0
    /// When something was received last; 0 is never.
    var lastReceived: UInt64 = 0
    /// When to connect anew, because libzmq has given up; `UInt64.max` is never.
    var reconnectDue = UInt64.max
    /// Callers and consumers that wait.
    var waiters = 0
    /// The length of the outbox that was reported last.
    var reportedEvents = 0
    /// Continuations to resume once the lock is released; kept to be reused.
    var wake: [UnsafeContinuation<Void, Never>] = []

    /// Whether something waits until libzmq can take it.
    var isBlocked: Bool { !outbox.isEmpty || owedHeartbeats > 0 }

    /// How much the outbox has grown or shrunk since the last time.
    mutating func queueChange() -> Int {
      defer { reportedEvents = outbox.count }
      return outbox.count - reportedEvents
    }
  }

  /// Messages received in one turn, before other sources and jobs get theirs.
  static let budget = 64
  /// libzmq's `inbound_poll_rate`.
  static let framesBetweenCommands = 100

  let endpoint: String
  let registration: EventRegistration
  let loop: EventLoop
  let context: ZMQContext
  let logger: Logger
  let warnings: WarningLimiter
  let instruments: ClientInstruments?
  let tracer: EventTracer?
  /// Why the last handshake failed; it is looked at with security, or when reconnects are counted.
  let handshake: HandshakeRecord?
  let attachment: SocketHandle.Attachment
  /// How soon a connection is tried again whose handshake failed, in nanoseconds.
  static let retryNanoseconds: UInt64 = 1_000_000_000
  /// Whether large arguments are sent from where they are; what is logged has to be in one piece.
  let keepsReferences: Bool
  let state: Guarded<State>
  /// Its lock is held for the time of a copy only.
  let inbox = Guarded(Inbox())
  /// Whether the leader holds the connection's lock, or did a moment ago.
  let isServing = Atomic<Bool>(false)

  init(
    _ attachment: SocketHandle.Attachment, _ endpoint: String, context: ZMQContext, options: RPCTransportOptions,
    logger: Logger, instruments: ClientInstruments? = nil
  ) throws(ZMQError) {
    let socket = try context.openDealer(options, for: endpoint, attachment)
    // A network in memory has no handshakes.
    let handshake =
      socket.isSimulated ? nil : HandshakeRecord(isSecured: !options.security.isNull, instruments)
    do {
      if let handshake { try handshake.follow(socket, in: context) }
      self.endpoint = try socket.attach(attachment, to: endpoint)
    } catch {
      socket.close()
      throw error
    }
    self.handshake = handshake
    self.attachment = attachment
    self.context = context
    self.logger = logger
    warnings = WarningLimiter(logger)
    self.instruments = instruments
    tracer = EventTracer(logger, role: "client")
    keepsReferences = socket.isServedByLoop && tracer == nil
    loop = context.eventLoop
    registration = EventRegistration(descriptor: socket.descriptor)
    var state = State()
    state.socket = socket
    self.state = Guarded(state)
    loop.register(self)
    handshake?.retry(for: self)
  }

  /// Connects anew in a while.
  func reconnectLater() {
    guard attachment == .connect else { return }
    let due = loop.now() &+ ClientConnection.retryNanoseconds
    state.withLock { $0.reconnectDue = due }
    loop.schedule(self, at: due)
  }

  func reconnect(_ state: inout State, _ socket: SocketHandle) {
    state.reconnectDue = .max
    try? socket.disconnect(endpoint)
    try? socket.connect(endpoint)
  }

  /// Why there is no connection, if the handshake of the last one failed.
  var handshakeFailure: String? { handshake?.failure }

  /// Calls that are open.
  var openCalls: Int { state.withLock { $0.calls.count } + inbox.withLock { $0.count } }

  /// Events that wait for their peer.
  var queuedEvents: Int { state.withLock { $0.outbox.count } }

  /// Everything that is held for open calls.
  var openResources: OpenResources {
    let submitted = inbox.withLock { $0.count }
    return state.withLock { state in
      OpenResources(
        calls: state.calls.count + submitted, timers: state.timers.count, continuations: state.waiters + submitted,
        events: state.outbox.count + state.cork.count)
    }
  }

  func service(now: UInt64) -> Bool {
    var wake: [UnsafeContinuation<Void, Never>] = []
    var queueChange = 0
    isServing.store(true, ordering: .relaxed)
    defer { isServing.store(false, ordering: .relaxed) }
    let hasMore = state.withLock { state in
      swap(&wake, &state.wake)
      guard let socket = state.socket else { return false }
      socket.hold()
      if state.owedHeartbeats > 0 { sendOwedHeartbeats(&state, socket) }
      flushOutbox(&state, socket, &wake)
      flushCork(&state, socket)
      openSubmitted(&state, socket, &wake)
      var hasMore = mayHaveReceived(socket, timersAreDue: state.timers.earliest <= now)
      var budget = ClientConnection.budget
      while hasMore, budget > 0 {
        budget -= 1
        hasMore = receive(&state, socket, now, &wake)
        if hasMore { state.lastReceived = now }
      }
      var sends = openSubmitted(&state, socket, &wake)
      if !state.cork.isEmpty { sends = true }
      while let key = state.timers.popDue(now: now) {
        tick(&state, key, now, &wake)
        sends = true
      }
      flushCork(&state, socket)
      socket.release()
      // Receiving may have consumed the edge that told of the connection for which the outbox waits, and sending the edge
      // that told of input.
      if !hasMore, sends || state.isBlocked { hasMore = socket.isReady(toSend: state.isBlocked) }
      if now >= state.reconnectDue { reconnect(&state, socket) }
      registration.deadline.store(min(state.timers.earliest, state.reconnectDue), ordering: .sequentiallyConsistent)
      queueChange = state.queueChange()
      state.answered += wake.count
      return hasMore
    }
    if let instruments { instruments.queueChanged(by: queueChange) }
    for continuation in wake { continuation.resume() }
    wake.removeAll(keepingCapacity: true)
    state.withLock { swap(&wake, &$0.wake) }
    return hasMore
  }
}
