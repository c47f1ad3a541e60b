internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ

/// Performs what the call machines of a server ask for: one ROUTER socket and the calls that are open on it.
///
/// Everything is guarded by one lock. The loop's leader receives under it and starts a task per call after releasing it;
/// handlers send under it from whatever thread they run on.
final class ServerConnection: EventSource {
  struct Entry {
    let call: RPCServerCall
    var machine: ServerCallMachine
    let hash: UInt64
  }

  /// An event that waits until its peer can take it.
  struct Blocked {
    let hops: [[UInt8]]
    let event: EventBuffer
  }

  struct CorkAddress: Sendable {
    let routing: InlineBytes
    let hops: [[UInt8]]
    let queues: Bool
  }

  struct State: ~Copyable {
    var socket: SocketHandle?
    var ids = MessageIDGenerator()
    var calls = Slab<Entry>()
    var index = ChannelIndex()
    var timers = TimerWheel()
    /// Events per peer that libzmq could not take yet, oldest first.
    var outbox: [InlineBytes: [Blocked]] = [:]
    /// Events of this turn, sent together when the leader comes by.
    var cork = Cork<CorkAddress>()
    var identity = Frame()
    var frame = Frame()
    var idleWaiters: [UnsafeContinuation<Void, Never>] = []
    /// Calls that no worker has taken yet.
    var pending = CallQueue()
    var idleWorkers: [HandlerWorker] = []
    /// Whether a worker was told to look for calls and has not begun yet.
    var isWorkerComing = false
    /// Whether new calls are refused, because the server is shutting down.
    var isDraining = false
  }

  /// What has to be done after the lock is released.
  private struct Aftermath {
    var unknown: [RPCServerCall] = []
    var refused: [RPCServerCall] = []
    var worker: UnsafeContinuation<Bool, Never>?
    var startsWorker = false
    var wake: [UnsafeContinuation<Void, Never>] = []
    var cancel: [Task<Void, Never>] = []
  }

  /// More than this, in bytes, is not kept back for the end of the turn.
  private static let corkLimit = 256 * 1024
  /// How soon a peer whose queue was full is tried again, in nanoseconds.
  private static let retryNanoseconds: UInt64 = 5_000_000
  /// Messages received in one turn, before other sources and jobs get theirs.
  private static let budget = 64

  let registration: EventRegistration
  let loop: EventLoop
  private let context: ZMQContext
  private let logger: Logger
  private let methods: MethodTable
  private let heartbeat: UInt64
  private let middleware: ServerMiddleware
  private let isIntercepted: Bool
  private let tracer: EventTracer?
  let state: Guarded<State>

  init(
    context: ZMQContext, options: RPCTransportOptions, heartbeat: UInt64, methods: MethodTable,
    middleware: ServerMiddleware, logger: Logger
  ) throws(ZMQError) {
    let socket = try context.openSocket(.router, options)
    self.context = context
    self.logger = logger
    self.methods = methods
    self.heartbeat = heartbeat
    self.middleware = middleware
    isIntercepted = !middleware.interceptors.isEmpty
    tracer = EventTracer(logger, role: "server")
    loop = context.eventLoop
    registration = EventRegistration(descriptor: socket.descriptor)
    var state = State()
    state.socket = socket
    self.state = Guarded(state)
  }

  deinit { state.withLock { $0.socket?.close() } }

  /// Starts receiving calls.
  func start() { loop.register(self) }

  /// Calls whose handlers have not ended.
  var openCalls: Int { state.withLock { $0.calls.count } }

  /// Events that wait for their peers.
  var queuedEvents: Int { state.withLock { $0.outbox.values.reduce(0) { $0 + $1.count } } }

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
      if !state.outbox.isEmpty { flushOutbox(&state, socket, &after) }
      flushCork(&state, socket)
      var hasMore = true
      for _ in 0..<ServerConnection.budget {
        guard receive(&state, socket, now, &after) else {
          hasMore = false
          break
        }
      }
      // Receiving may have consumed the edge that told of room at a peer that was full.
      if !state.outbox.isEmpty { flushOutbox(&state, socket, &after) }
      while let key = state.timers.popDue(now: now) { tick(&state, key, now, &after) }
      let sends = !state.cork.isEmpty
      flushCork(&state, socket)
      // Sending may have consumed the edge that told of input.
      if !hasMore, sends { hasMore = socket.isReadable }
      summonWorker(&state, &after)
      // ROUTER does not tell of room at one peer, so a full one is asked again soon.
      let retry = state.outbox.isEmpty ? UInt64.max : now &+ ServerConnection.retryNanoseconds
      registration.deadline.store(min(state.timers.earliest, retry), ordering: .sequentiallyConsistent)
      return hasMore
    }
    perform(after)
    return hasMore
  }

  private func perform(_ after: Aftermath) {
    for call in after.unknown { call.replyAtOnce(RemoteError(name: "NameError", message: call.method)) }
    for call in after.refused {
      call.replyAtOnce(
        RemoteError(name: "ServerShuttingDown", message: "the server takes no new calls; try again or elsewhere"))
    }
    if after.startsWorker { startWorker() }
    after.worker?.resume(returning: true)
    for continuation in after.wake { continuation.resume() }
    for task in after.cancel { task.cancel() }
  }

  /// Receives and handles one message; false when there is none.
  private func receive(
    _ state: inout State, _ socket: SocketHandle, _ now: UInt64, _ after: inout Aftermath
  ) -> Bool {
    guard state.identity.receive(from: socket) == .done else { return false }
    var hops: [[UInt8]] = []
    var hasBetween = false
    var between: [UInt8] = []
    var hasMore = state.identity.hasMore
    guard hasMore else {
      logMalformed("a message of one frame", &state)
      return true
    }
    while true {
      guard state.frame.receive(from: socket) == .done else { return false }
      hasMore = state.frame.hasMore
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

  private func logMalformed(_ reason: String, _ state: inout State) {
    logger.warning("malformed event ignored", metadata: ["reason": "\(reason)"])
  }

  private func open(
    _ state: inout State, _ layout: EventLayout, _ hops: [[UInt8]], _ now: UInt64, _ after: inout Aftermath
  ) throws(MalformedEvent) {
    guard !layout.messageID.isEmpty else { throw MalformedEvent(description: "the event has no message_id") }
    let routing = state.identity.withUnsafeBytes { InlineBytes($0) }
    let parts: (EventName, InlineBytes, UInt64, MethodTable.Method?, String?) = state.frame.withUnsafeBytes { bytes in
      let id = UnsafeRawBufferPointer(rebasing: bytes[layout.messageID])
      let name = UnsafeRawBufferPointer(rebasing: bytes[layout.name])
      let hash = routing.withUnsafeBytes { state.index.hash($0, id) }
      let method = methods.find(name)
      return (
        EventName(name), InlineBytes(id), hash, method, method == nil ? String(decoding: name, as: UTF8.self) : nil
      )
    }
    let (name, id, hash, method, unknownName) = parts
    // A heartbeat or a grant opens nothing here; the reference keeps a channel alive for it that nobody can use.
    if name == .heartbeat || name == .more { return }
    if find(&state, hash, routing, hops, id) != nil {
      logger.warning("request ignored: its message_id is in use by the same peer")
      return
    }
    let header = RequestHeader(layout, now: now)
    let call = RPCServerCall(
      self, routing: routing, hops: hops, id: id, version: layout.version, header: header, definition: method,
      unknownName: unknownName, request: &state.frame, argumentsStart: layout.arguments)
    let machine = ServerCallMachine(
      version: layout.version, heartbeat: heartbeat, deadline: header.deadline, streamDeadline: header.streamDeadline,
      now: now)
    let key = state.calls.insert { key, _ in Entry(call: call, machine: machine, hash: hash) }
    call.key = key
    state.index.insert(hash, slot: key)
    state.timers.set(key, due: machine.nextDue)
    if state.isDraining {
      after.refused.append(call)
    } else if method == nil {
      after.unknown.append(call)
    } else {
      state.pending.append(call)
    }
  }

  private func find(
    _ state: inout State, _ hash: UInt64, _ routing: InlineBytes, _ hops: [[UInt8]], _ id: InlineBytes
  ) -> Int? {
    guard state.calls.count > 0 else { return nil }
    return state.index.find(hash) { slot in
      guard let call = state.calls[slot]?.call else { return false }
      return call.id == id && call.routing == routing && call.hops == hops
    }
  }

  private func deliver(
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
    guard let key = find(&state, hash, routing, hops, id),
      let effect = state.calls[key]?.machine.receive(
        name, number: number, isCancellation: layout.isCancellation, now: now)
    else {
      logger.trace("event for a channel that has ended")
      return
    }
    switch effect {
    case .ignore:
      if let due = state.calls[key]?.machine.nextDue { state.timers.set(key, due: due) }
    case .granted: wakeProducer(&state, key, &after)
    case .cancelled: abandon(&state, key, &after)
    }
  }

  private func tick(_ state: inout State, _ key: Int, _ now: UInt64, _ after: inout Aftermath) {
    guard let call = state.calls[key]?.call, let tick = state.calls[key]?.machine.tick(now: now) else { return }
    switch tick {
    case .none: break
    case .sendHeartbeat:
      var packer = MessagePackPacker()
      EventWriter.heartbeat(to: call.id, into: &packer)
      // Heartbeats do not queue: a peer that reads nothing has no use for them later.
      if state.outbox[call.routing] == nil { _ = transmit(&packer, call, &state, queues: false) }
    case .lost:
      logger.debug("lost the client of a call", metadata: ["method": "\(call.method)"])
      abandon(&state, key, &after)
      return
    case .timedOut:
      abandon(&state, key, &after)
      return
    }
    if let due = state.calls[key]?.machine.nextDue { state.timers.set(key, due: due) }
  }

  private func wakeProducer(_ state: inout State, _ key: Int, _ after: inout Aftermath) {
    guard let call = state.calls[key]?.call, !call.creditWaiters.isEmpty else { return }
    after.wake.append(contentsOf: call.creditWaiters)
    call.creditWaiters = []
  }

  /// Forgets a call whose caller is gone and has its task cancelled.
  private func abandon(_ state: inout State, _ key: Int, _ after: inout Aftermath) {
    guard let call = state.calls[key]?.call else { return }
    wakeProducer(&state, key, &after)
    if let worker = call.worker {
      worker.isRetired = true
      if let task = worker.task { after.cancel.append(task) }
    } else {
      state.pending.remove(call)
    }
    after.wake.append(contentsOf: remove(&state, key))
  }

  /// Forgets a call; returns who waits for the server to be idle, if it is now.
  private func remove(_ state: inout State, _ key: Int) -> [UnsafeContinuation<Void, Never>] {
    guard let entry = state.calls[key] else { return [] }
    _ = state.calls[key]?.machine.end()
    entry.call.key = -1
    entry.call.worker = nil
    state.timers.cancel(key)
    state.index.remove(entry.hash, slot: key)
    state.calls.remove(key)
    guard state.calls.count == 0, !state.idleWaiters.isEmpty else { return [] }
    defer { state.idleWaiters = [] }
    return state.idleWaiters
  }

  // MARK: Running handlers

  /// Calls that one worker runs before it lets the leader look after the sockets.
  private static let callsPerTurn = 64
  /// Workers that are kept for later calls.
  private static let idleWorkerLimit = 256

  /// Has a worker look for calls, if some wait and none is on its way.
  private func summonWorker(_ state: inout State, _ after: inout Aftermath) {
    guard !state.pending.isEmpty, !state.isWorkerComing else { return }
    state.isWorkerComing = true
    if let worker = state.idleWorkers.popLast() {
      after.worker = worker.continuation
      worker.continuation = nil
    } else {
      after.startsWorker = true
    }
  }

  private func startWorker() {
    let worker = HandlerWorker()
    let task = Task.detached(executorPreference: loop) { await self.work(worker) }
    let isRetired = state.withLock { _ in
      worker.task = task
      return worker.isRetired
    }
    if isRetired { task.cancel() }
  }

  private func work(_ worker: HandlerWorker) async {
    repeat {
      var count = 0
      while count < ServerConnection.callsPerTurn, let call = takeCall(worker) {
        await run(call)
        count += 1
      }
    } while await waitForCalls(worker)
  }

  private func takeCall(_ worker: HandlerWorker) -> RPCServerCall? {
    state.withLock { state in
      state.isWorkerComing = false
      guard !worker.isRetired, let call = state.pending.popFirst() else { return nil }
      call.worker = worker
      // If this one suspends or takes long, the leader finds the rest.
      if !state.pending.isEmpty { loop.visit(self) }
      return call
    }
  }

  private func waitForCalls(_ worker: HandlerWorker) async -> Bool {
    await withUnsafeContinuation { continuation in
      let isKept = state.withLock { state in
        guard !worker.isRetired, state.socket != nil, state.idleWorkers.count < ServerConnection.idleWorkerLimit else {
          return false
        }
        worker.continuation = continuation
        state.idleWorkers.append(worker)
        if !state.pending.isEmpty { loop.visit(self) }
        return true
      }
      if !isKept { continuation.resume(returning: false) }
    }
  }

  private func run(_ call: RPCServerCall) async {
    guard let method = call.definition else { return }
    do {
      if call.header.isPlain, !isIntercepted {
        try await method.definition.handler(call)
      } else {
        try await call.run(method.definition.handler, through: middleware)
      }
      if !call.hasReplied { try call.reply() }
    } catch let error as RPCArgumentError {
      if error.isMalformed { logger.warning("malformed arguments", metadata: ["reason": "\(error.message)"]) }
      await call.reply(RemoteError(name: "TypeError", message: error.message))
    } catch let error as RemoteError {
      await call.reply(error)
    } catch {
      await call.reply(error, declared: middleware.errorTypes)
    }
  }

  // MARK: Sending

  /// Says what became of an event that a handler wants to send.
  enum Emission { case sent, noCredit, ended }

  /// Sends an event of a call, if its credit allows; the last one ends the call.
  func emit(_ call: RPCServerCall, _ packer: inout MessagePackPacker, isLast: Bool) -> Emission {
    var needsVisit = false
    var waiters: [UnsafeContinuation<Void, Never>] = []
    let emission: Emission = state.withLock { state in
      let key = call.key
      guard key >= 0, let socket = state.socket else { return .ended }
      if !isLast, isHeldBack(call, state) { return .noCredit }
      guard state.calls[key]?.machine.spend() == true else { return .noCredit }
      let isReachable = transmit(&packer, call, &state, queues: true)
      if isLast || !isReachable { waiters = remove(&state, key) }
      // The leader may have parked after the event was corked.
      needsVisit =
        !state.cork.isEmpty || !state.outbox.isEmpty || !loop.leaderIsParked || socket.isReadable
      return isReachable ? .sent : .ended
    }
    if needsVisit { loop.visit(self) }
    for waiter in waiters { waiter.resume() }
    return emission
  }

  /// Has a continuation resumed when credit comes or the call ends; false if that is so already.
  func park(_ call: RPCServerCall, _ continuation: UnsafeContinuation<Void, Never>) -> Bool {
    state.withLock { state in
      guard call.key >= 0, let machine = state.calls[call.key]?.machine, !Task.isCancelled,
        machine.availableCredit == 0 || isHeldBack(call, state)
      else { return false }
      call.creditWaiters.append(continuation)
      return true
    }
  }

  /// Resumes a handler that waits for credit, because its task was cancelled.
  func unpark(_ call: RPCServerCall) {
    let waiters = state.withLock { _ in
      defer { call.creditWaiters = [] }
      return call.creditWaiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Whether the peer does not take what was sent to it; then no credit helps, or memory would not be bounded.
  private func isHeldBack(_ call: RPCServerCall, _ state: borrowing State) -> Bool {
    !state.outbox.isEmpty && state.outbox[call.routing] != nil
  }

  /// Hands an event to libzmq, or queues it when its peer is full. False when the peer is gone.
  private func transmit(
    _ packer: inout MessagePackPacker, _ call: RPCServerCall, _ state: inout State, queues: Bool
  ) -> Bool {
    guard let socket = state.socket else { return false }
    packer.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count >= EventWriter.idOffset + 32 else { return }
      state.ids.writeNext(to: base + EventWriter.idOffset)
      tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
    }
    var buffer: EventBuffer?
    if packer.count < ClientConnection.zeroCopyThreshold {
      if !loop.leaderIsParked, state.cork.byteCount < ServerConnection.corkLimit {
        state.cork.append(packer, to: CorkAddress(routing: call.routing, hops: call.hops, queues: queues))
        return true
      }
    } else {
      var taken = MessagePackPacker(reservingCapacity: 0)
      swap(&taken, &packer)
      buffer = EventBuffer(taken)
    }
    flushCork(&state, socket)
    if state.outbox.isEmpty || state.outbox[call.routing] == nil {
      let outcome =
        if let buffer {
          send(buffer, call.routing, call.hops, on: socket)
        } else {
          packer.withUnsafeBytes { bytes in
            let first = sendEnvelope(call.routing, call.hops, on: socket)
            return first == .done ? socket.send(bytes, more: false) : first
          }
        }
      switch outcome {
      case .done: return true
      case .failed: return false
      case .wouldBlock: break
      }
    }
    if queues {
      let blocked = Blocked(hops: call.hops, event: buffer ?? EventBuffer(copying: packer))
      state.outbox[call.routing, default: []].append(blocked)
    }
    return true
  }

  /// Hands what this turn collected to libzmq.
  private func flushCork(_ state: inout State, _ socket: SocketHandle) {
    guard !state.cork.isEmpty else { return }
    var cork = Cork<CorkAddress>()
    swap(&cork, &state.cork)
    cork.drain { address, bytes in
      if state.outbox.isEmpty || state.outbox[address.routing] == nil {
        let first = sendEnvelope(address.routing, address.hops, on: socket)
        if first == .done {
          _ = socket.send(bytes, more: false)
          return
        }
        // The peer is gone; its calls end by their heartbeats.
        guard first == .wouldBlock else { return }
      }
      guard address.queues else { return }
      let blocked = Blocked(hops: address.hops, event: EventBuffer(copying: bytes))
      state.outbox[address.routing, default: []].append(blocked)
    }
    swap(&cork, &state.cork)
  }

  private func sendEnvelope(
    _ routing: InlineBytes, _ hops: [[UInt8]], on socket: SocketHandle
  ) -> SocketHandle.Outcome {
    let first = routing.withUnsafeBytes { socket.send($0, more: true) }
    guard first == .done else { return first }
    for hop in hops { _ = hop.withUnsafeBytes { socket.send($0, more: true) } }
    return socket.send(UnsafeRawBufferPointer(start: nil, count: 0), more: true)
  }

  private func send(
    _ buffer: EventBuffer, _ routing: InlineBytes, _ hops: [[UInt8]], on socket: SocketHandle
  ) -> SocketHandle.Outcome {
    let first = sendEnvelope(routing, hops, on: socket)
    guard first == .done else { return first }
    return buffer.count >= ClientConnection.zeroCopyThreshold
      ? socket.send(buffer.bytes, ownedBy: buffer, more: false) : socket.send(buffer.bytes, more: false)
  }

  private func flushOutbox(_ state: inout State, _ socket: SocketHandle, _ after: inout Aftermath) {
    for (routing, queue) in state.outbox {
      var sent = 0
      var isGone = false
      for blocked in queue {
        let outcome = send(blocked.event, routing, blocked.hops, on: socket)
        if outcome == .wouldBlock { break }
        if outcome != .done {
          isGone = true
          break
        }
        sent += 1
      }
      if isGone || sent == queue.count {
        state.outbox[routing] = nil
        for key in state.calls.keys where state.calls[key]?.call.routing == routing {
          wakeProducer(&state, key, &after)
        }
      } else if sent > 0 {
        state.outbox[routing] = Array(queue.dropFirst(sent))
      }
    }
  }

  // MARK: Ending

  /// Refuses new calls from now on; those that are open go on.
  func drain() { state.withLock { $0.isDraining = true } }

  /// Waits until no call is open.
  func waitUntilIdle() async {
    await withUnsafeContinuation { continuation in
      let isIdle = state.withLock { state in
        guard state.calls.count > 0 else { return true }
        state.idleWaiters.append(continuation)
        return false
      }
      if isIdle { continuation.resume() }
    }
  }

  /// Cancels all handlers and closes the socket.
  func close() {
    var workers: [UnsafeContinuation<Bool, Never>] = []
    let after: Aftermath = state.withLock { state in
      var after = Aftermath()
      guard let socket = state.socket else { return after }
      for key in state.calls.keys { abandon(&state, key, &after) }
      workers = state.idleWorkers.compactMap(\.continuation)
      state.idleWorkers = []
      flushCork(&state, socket)
      state.outbox = [:]
      loop.unregister(self)
      socket.close()
      state.socket = nil
      return after
    }
    perform(after)
    for worker in workers { worker.resume(returning: false) }
  }
}
