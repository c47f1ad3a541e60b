internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ

/// Performs what the call machines of a server ask for: one ROUTER socket and the calls that are open on it.
///
/// Everything is guarded by one lock. The loop's leader receives under it and summons a worker for what came; handlers
/// send under it from whatever thread they run on.
final class ServerConnection: EventSource, EndpointUser {
  /// An event that waits until its peer can take it.
  struct Blocked {
    let hops: [[UInt8]]
    let event: EventBuffer

    /// What it takes in memory, about.
    var size: Int { event.count + 128 }
  }

  /// What one peer has not taken yet, oldest first.
  struct Backlog {
    var events: [Blocked] = []
    var bytes = 0
    /// Whether some of the peer's channels owe a heartbeat.
    var hasHeartbeats = false
    /// Whether something was dropped, and said so.
    var hasOverflowed = false

    mutating func append(_ event: Blocked) {
      events.append(event)
      bytes += event.size
    }
  }

  struct State: ~Copyable {
    var socket: SocketHandle?
    var ids = MessageIDGenerator()
    var calls = Slab<RPCServerCall>()
    var index = ChannelIndex()
    var timers = TimerWheel()
    /// Events per peer that libzmq could not take yet.
    var outbox: [InlineBytes: Backlog] = [:]
    /// Events of this turn, sent together when the leader comes by.
    var cork = Cork<RPCServerCall>()
    var identity = Frame()
    var frame = Frame()
    var idleWaiters: [UnsafeContinuation<Void, Never>] = []
    /// Calls that no worker has taken yet.
    var pending: CallQueue
    var idleWorkers: [HandlerWorker] = []
    /// Workers whose tasks have not ended, idle ones included.
    var workers = 0
    /// Producers that wait for credit.
    var producers = 0
    /// Whether a worker was told to look for calls and has not begun yet.
    var isWorkerComing = false
    /// Whether new calls are refused, because the server is shutting down.
    var isDraining = false

    init(_ limits: ServerLimits) { pending = CallQueue(limits) }

    /// The events in the outbox, and those of them that were reported.
    var queuedEvents: Int { outbox.isEmpty ? 0 : outbox.values.reduce(0) { $0 + $1.events.count } }
    var reportedEvents = 0

    /// How much the outbox has grown or shrunk since the last time.
    mutating func queueChange() -> Int {
      let count = queuedEvents
      defer { reportedEvents = count }
      return count - reportedEvents
    }
  }

  /// What has to be done after the lock is released.
  struct Aftermath {
    var unknown: [RPCServerCall] = []
    var refused: [(call: RPCServerCall, error: RemoteError)] = []
    var worker: UnsafeContinuation<Bool, Never>?
    var startsWorker = false
    var wake: [UnsafeContinuation<Void, Never>] = []
    var cancel: [Task<Void, Never>] = []
    // What instruments are told.
    var lost = 0
    var waitingCalls = 0
    var queueChange = 0
  }

  /// More than this, in bytes, is not kept back for the end of the turn.
  static let corkLimit = 256 * 1024
  /// How soon a peer whose queue was full is tried again, in nanoseconds.
  static let retryNanoseconds: UInt64 = 5_000_000
  /// Messages received in one turn, before other sources and jobs get theirs.
  static let budget = 64

  let registration: EventRegistration
  let loop: EventLoop
  let context: ZMQContext
  let logger: Logger
  let warnings: WarningLimiter
  let connections: ConnectionLimit
  let methods: MethodTable
  let heartbeat: UInt64
  /// What is kept for a peer that does not read, in bytes.
  let unsentBytesPerPeer: Int
  /// Whether peers are authenticated, so that requests tell whose they are.
  let knowsUsers: Bool
  let middleware: ServerMiddleware
  /// Whether anything stands around every handler.
  let hasMiddleware: Bool
  let tracer: EventTracer?
  /// What reports calls; nil when nobody listens.
  let instruments: ServerInstruments?
  /// Whether large results are sent from where they are; what is logged has to be in one piece.
  let keepsReferences: Bool
  let state: Guarded<State>

  init(
    context: ZMQContext, options: RPCTransportOptions, heartbeat: UInt64, limits: RPCServerLimits, methods: MethodTable,
    middleware: ServerMiddleware, logger: Logger, instruments: ServerInstruments? = nil
  ) throws(ZMQError) {
    let socket = try context.openRouter(options)
    connections = ConnectionLimit(limits.connections, logger: logger)
    do { try connections.follow(socket, in: context) } catch {
      socket.close()
      throw error
    }
    self.context = context
    self.logger = logger
    warnings = WarningLimiter(logger)
    self.methods = methods
    self.heartbeat = heartbeat
    knowsUsers = !options.security.isNull || options.authenticationDomain != nil
    unsentBytesPerPeer = max(0, limits.unsentBytesPerPeer)
    self.middleware = middleware
    self.instruments = instruments
    hasMiddleware = !middleware.interceptors.isEmpty || !middleware.propagators.isEmpty
    tracer = EventTracer(logger, role: "server")
    keepsReferences = socket.isServedByLoop && tracer == nil
    loop = context.eventLoop
    registration = EventRegistration(descriptor: socket.descriptor)
    var state = State(ServerLimits(limits))
    state.socket = socket
    self.state = Guarded(state)
  }

  deinit { state.withLock { $0.socket?.close() } }

  /// Starts receiving calls.
  func start() { loop.register(self) }

  /// Calls whose handlers have not ended.
  var openCalls: Int { state.withLock { $0.calls.count } }

  /// Events that wait for their peers.
  var queuedEvents: Int { state.withLock { $0.queuedEvents } }

  /// What waits for peers, in bytes.
  var queuedBytes: Int { state.withLock { $0.outbox.values.reduce(0) { $0 + $1.bytes } } }

  /// Everything that is held for open calls.
  var openResources: OpenResources {
    state.withLock { state in
      OpenResources(
        calls: state.calls.count, timers: state.timers.count,
        continuations: state.producers + state.idleWaiters.count, tasks: state.workers - state.idleWorkers.count,
        events: state.queuedEvents + state.cork.count)
    }
  }

  /// The network address of a peer whose connection the event loop serves.
  func peerAddress(_ routing: InlineBytes) -> String? {
    state.withLock { $0.socket?.peerAddress(routing.withUnsafeBytes { Array($0) }) }
  }

  // MARK: Endpoints

  func attach(_ attachment: SocketHandle.Attachment, to endpoint: String) throws -> String {
    try state.withLock { state in
      guard let socket = state.socket else {
        throw RPCError(code: .closed, message: "cannot attach to '\(endpoint)': the server has stopped")
      }
      do { return try socket.attach(attachment, to: endpoint) } catch { throw RPCError(error) }
    }
  }

  func detach(_ attachment: SocketHandle.Attachment, from endpoint: String) throws {
    try state.withLock { state in
      guard let socket = state.socket else { return }
      do {
        switch attachment {
        case .bind: try socket.unbind(endpoint)
        case .connect: try socket.disconnect(endpoint)
        }
      } catch { throw RPCError(error) }
    }
  }

  // MARK: Service

  func service(now: UInt64) -> Bool {
    var after = Aftermath()
    let hasMore = state.withLock { state in
      guard let socket = state.socket else { return false }
      socket.hold()
      if !state.outbox.isEmpty { flushOutbox(&state, socket, &after) }
      flushCork(&state, socket)
      var hasMore = mayHaveReceived(socket, timersAreDue: state.timers.earliest <= now)
      var budget = ServerConnection.budget
      while hasMore, budget > 0 {
        budget -= 1
        hasMore = receive(&state, socket, now, &after)
      }
      var sends = !state.cork.isEmpty
      // Receiving may have consumed the edge that told of room at a peer that was full.
      if !state.outbox.isEmpty {
        flushOutbox(&state, socket, &after)
        sends = true
      }
      while let key = state.timers.popDue(now: now) {
        tick(&state, key, now, &after)
        sends = true
      }
      flushCork(&state, socket)
      socket.release()
      // Sending may have consumed the edge that told of input.
      if !hasMore, sends { hasMore = socket.isReadable }
      summonWorker(&state, &after)
      // ROUTER does not tell of room at one peer, so a full one is asked again soon.
      let retry = state.outbox.isEmpty ? UInt64.max : now &+ ServerConnection.retryNanoseconds
      registration.deadline.store(min(state.timers.earliest, retry), ordering: .sequentiallyConsistent)
      if instruments != nil { after.queueChange = state.queueChange() }
      return hasMore
    }
    perform(after)
    return hasMore
  }

  func perform(_ after: Aftermath) {
    for call in after.unknown { call.replyAtOnce(RemoteError(name: "NameError", message: call.method)) }
    for (call, error) in after.refused { call.replyAtOnce(error) }
    if let instruments {
      instruments.unknown(after.unknown.count)
      instruments.refused(after.refused.count)
      instruments.lost(after.lost)
      instruments.waitingCalls(after.waitingCalls)
      instruments.queueChanged(by: after.queueChange)
    }
    if after.startsWorker { startWorker() }
    after.worker?.resume(returning: true)
    for continuation in after.wake { continuation.resume() }
    for task in after.cancel { task.cancel() }
  }

  /// Receives and handles one message; false when there is none.
  func receive(
    _ state: inout State, _ socket: SocketHandle, _ now: UInt64, _ after: inout Aftermath
  ) -> Bool {
    guard state.identity.receive(from: socket) == .done else { return false }
    var hops: [[UInt8]] = []
    var hasBetween = false
    var between: [UInt8] = []
    var hasMore = state.identity.hasMore(from: socket)
    guard hasMore else {
      logMalformed("a message of one frame", &state)
      return true
    }
    while true {
      guard state.frame.receive(from: socket) == .done else { return false }
      hasMore = state.frame.hasMore(from: socket)
      guard hasMore else { break }
      // The payload is the last frame and the one before it the delimiter; what stands earlier is envelope.
      if hasBetween { hops.append(between) }
      hasBetween = true
      between = state.frame.withUnsafeBytes { $0.isEmpty ? [] : Array($0) }
    }
    do {
      let layout = try state.frame.withUnsafeBytes { bytes throws(MalformedEvent) in try EventReader.read(bytes) }
      if let tracer { state.frame.withUnsafeBytes { tracer.log(.received, $0) } }
      if layout.responseTo != nil {
        deliver(&state, layout, hops, now, &after)
      } else {
        try open(&state, layout, hops, now, &after)
      }
    } catch {
      logMalformed(error.description, &state)
    }
    return true
  }

  func logMalformed(_ reason: String, _ state: inout State) {
    warnings.log("malformed event ignored", ["reason": "\(reason)"])
  }

  func open(
    _ state: inout State, _ layout: EventLayout, _ hops: [[UInt8]], _ now: UInt64, _ after: inout Aftermath
  ) throws(MalformedEvent) {
    guard !layout.messageID.isEmpty else { throw MalformedEvent(description: "the event has no message_id") }
    let routing = state.identity.withUnsafeBytes { InlineBytes($0) }
    var name = EventName.method
    var id = InlineBytes()
    var hash: UInt64 = 0
    var method: MethodTable.Method?
    var unknownName: String?
    state.frame.withUnsafeBytes { bytes in
      let idBytes = UnsafeRawBufferPointer(rebasing: bytes[layout.messageID])
      let nameBytes = UnsafeRawBufferPointer(rebasing: bytes[layout.name])
      name = EventName(nameBytes)
      id = InlineBytes(idBytes)
      hash = routing.withUnsafeBytes { state.index.hash($0, idBytes) }
      method = methods.find(nameBytes)
      if method == nil { unknownName = String(decoding: nameBytes, as: UTF8.self) }
    }
    let size = state.frame.count
    // Of each request: a routing id may belong to somebody else by now.
    let user = knowsUsers ? state.frame.property("User-Id") : nil
    // A heartbeat or a grant opens nothing here; the reference keeps a channel alive for it that nobody can use.
    if name == .heartbeat || name == .more { return }
    if find(&state, hash, routing, hops, id) != nil {
      warnings.log("request ignored: its message_id is in use by the same peer", [:])
      return
    }
    let header = RequestHeader(layout, now: now)
    let machine = ServerCallMachine(
      version: layout.version, heartbeat: heartbeat, deadline: header.deadline, streamDeadline: header.streamDeadline,
      now: now)
    let call = RPCServerCall(
      self, routing: routing, hops: hops, id: id, version: layout.version, header: header, definition: method,
      unknownName: unknownName, user: user, request: &state.frame, argumentsStart: layout.arguments, machine: machine,
      hash: hash)
    let key = state.calls.insert { _, _ in call }
    call.key = key
    state.index.insert(hash, slot: key)
    state.timers.set(key, due: machine.nextDue)
    if state.isDraining {
      after.refused.append((call, .shuttingDown))
    } else if method == nil {
      after.unknown.append(call)
    } else if let overload = state.pending.append(key, from: routing, bytes: size) {
      logger.debug("call refused: overloaded", metadata: ["method": "\(call.method)", "limit": "\(overload)"])
      after.refused.append((call, overload.error))
    } else {
      after.waitingCalls += 1
    }
  }

  func find(
    _ state: inout State, _ hash: UInt64, _ routing: InlineBytes, _ hops: [[UInt8]], _ id: InlineBytes
  ) -> Int? {
    guard state.calls.count > 0 else { return nil }
    return state.index.find(hash) { slot in
      guard let call = state.calls[slot] else { return false }
      return call.id == id && call.routing == routing && call.hops == hops
    }
  }

  func deliver(
    _ state: inout State, _ layout: EventLayout, _ hops: [[UInt8]], _ now: UInt64, _ after: inout Aftermath
  ) {
    guard let channel = layout.responseTo else { return }
    let routing = state.identity.withUnsafeBytes { InlineBytes($0) }
    let (id, hash, name, number) = state.frame.withUnsafeBytes { bytes in
      let id = UnsafeRawBufferPointer(rebasing: bytes[channel])
      return (
        InlineBytes(id), routing.withUnsafeBytes { state.index.hash($0, id) },
        EventName(UnsafeRawBufferPointer(rebasing: bytes[layout.name])),
        EventReader.grant(bytes, at: layout.arguments)
      )
    }
    guard let key = find(&state, hash, routing, hops, id), let call = state.calls[key] else {
      logger.trace("event for a channel that has ended")
      return
    }
    switch call.machine.receive(name, number: number, isCancellation: layout.isCancellation, now: now) {
    case .ignore:
      state.timers.set(key, due: call.machine.nextDue)
    case .granted: wakeProducer(&state, key, &after)
    case .cancelled: abandon(&state, key, &after)
    }
  }

  func tick(_ state: inout State, _ key: Int, _ now: UInt64, _ after: inout Aftermath) {
    guard let call = state.calls[key] else { return }
    switch call.machine.tick(now: now) {
    case .none: break
    case .sendHeartbeat:
      guard sendHeartbeat(&state, call) else { return lose(call, &state, &after) }
    case .lost: return lose(call, &state, &after)
    case .timedOut:
      abandon(&state, key, &after)
      return
    }
    state.timers.set(key, due: call.machine.nextDue)
  }

  private func lose(_ call: RPCServerCall, _ state: inout State, _ after: inout Aftermath) {
    logger.debug("lost the client of a call", metadata: ["rpc.method": "\(call.method)"])
    after.lost += 1
    abandon(&state, call.key, &after)
  }

  func wakeProducer(_ state: inout State, _ key: Int, _ after: inout Aftermath) {
    guard let call = state.calls[key], !call.creditWaiters.isEmpty else { return }
    after.wake.append(contentsOf: call.creditWaiters)
    state.producers -= call.creditWaiters.count
    call.creditWaiters = []
  }

  /// Forgets a call whose caller is gone and has its task cancelled.
  func abandon(_ state: inout State, _ key: Int, _ after: inout Aftermath) {
    guard let call = state.calls[key] else { return }
    wakeProducer(&state, key, &after)
    if let worker = call.worker {
      worker.isRetired = true
      if let task = worker.task { after.cancel.append(task) }
    } else {
      state.pending.remove(key)
      after.waitingCalls -= 1
    }
    after.wake.append(contentsOf: remove(&state, key))
  }

  /// Forgets a call; returns who waits for the server to be idle, if it is now.
  func remove(_ state: inout State, _ key: Int) -> [UnsafeContinuation<Void, Never>] {
    guard let call = state.calls[key] else { return [] }
    _ = call.machine.end()
    call.key = -1
    call.worker = nil
    state.timers.cancel(key)
    state.index.remove(call.hash, slot: key)
    state.calls.remove(key)
    guard state.calls.count == 0, !state.idleWaiters.isEmpty else { return [] }
    defer { state.idleWaiters = [] }
    return state.idleWaiters
  }
}
