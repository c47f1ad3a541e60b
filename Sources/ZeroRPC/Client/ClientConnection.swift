internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Performs what the call machines of one endpoint ask for: one DEALER socket and the calls that are open on it.
///
/// Everything is guarded by one lock. The loop's leader receives under it; a caller sends under it from whatever thread
/// it is on, so that a call costs no thread switch on the way out. Continuations are resumed after it is released.
final class ClientConnection: EventSource {
  struct Entry {
    let call: ClientCall
    var machine: ClientCallMachine
    var isInOutbox = false
  }

  struct CorkAddress: Sendable {
    let key: Int
    let generation: UInt32
    let kind: Kind

    enum Kind: Sendable {
      case request
      /// Must arrive, or the stream stalls.
      case grant
      /// Of no use later: a heartbeat or a cancellation.
      case transient
    }
  }

  struct State: ~Copyable {
    var socket: SocketHandle?
    var ids = MessageIDGenerator()
    var calls = Slab<Entry>()
    var timers = TimerWheel()
    /// Events that libzmq could not take yet, oldest first. Entries of ended calls are skipped and swept.
    var outbox: [(key: Int, generation: UInt32, event: EventBuffer)] = []
    var deadInOutbox = 0
    /// Events of this turn, sent together when the leader comes by.
    var cork = Cork<CorkAddress>()
    var frame = Frame()
    /// Frames received since libzmq last processed its commands while receiving.
    var frames = 0
    /// When to connect anew, because libzmq has given up; `UInt64.max` is never.
    var reconnectDue = UInt64.max
    /// Callers and consumers that wait.
    var waiters = 0
    /// The length of the outbox that was reported last.
    var reportedEvents = 0
    /// Continuations to resume once the lock is released; kept to be reused.
    var wake: [UnsafeContinuation<Void, Never>] = []

    /// How much the outbox has grown or shrunk since the last time.
    mutating func queueChange() -> Int {
      defer { reportedEvents = outbox.count }
      return outbox.count - reportedEvents
    }
  }

  /// Messages received in one turn, before other sources and jobs get theirs.
  private static let budget = 64
  /// libzmq's `inbound_poll_rate`.
  private static let framesBetweenCommands = 100

  let endpoint: String
  let registration: EventRegistration
  let loop: EventLoop
  private let context: ZMQContext
  let logger: Logger
  private let instruments: ClientInstruments?
  private let tracer: EventTracer?
  /// Why the last handshake failed; only with security is it looked at.
  private let handshake: HandshakeRecord?
  private let attachment: SocketHandle.Attachment
  /// How soon a connection is tried again whose handshake failed, in nanoseconds.
  private static let retryNanoseconds: UInt64 = 1_000_000_000
  let state: Guarded<State>

  init(
    _ attachment: SocketHandle.Attachment, _ endpoint: String, context: ZMQContext, options: RPCTransportOptions,
    logger: Logger, instruments: ClientInstruments? = nil
  ) throws(ZMQError) {
    let socket = try context.openSocket(.dealer, options)
    let handshake = options.security.isNull ? nil : HandshakeRecord()
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
    self.instruments = instruments
    tracer = EventTracer(logger, role: "client")
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
    let due = MonotonicTime.now() &+ ClientConnection.retryNanoseconds
    state.withLock { $0.reconnectDue = due }
    loop.schedule(self, at: due)
  }

  private func reconnect(_ state: inout State, _ socket: SocketHandle) {
    state.reconnectDue = .max
    try? socket.disconnect(endpoint)
    try? socket.connect(endpoint)
  }

  /// Why there is no connection, if the handshake of the last one failed.
  var handshakeFailure: String? { handshake?.failure }

  /// Calls that are open.
  var openCalls: Int { state.withLock { $0.calls.count } }

  /// Events that wait for their peer.
  var queuedEvents: Int { state.withLock { $0.outbox.count } }

  /// Everything that is held for open calls.
  var openResources: OpenResources {
    state.withLock { state in
      OpenResources(
        calls: state.calls.count, timers: state.timers.count, continuations: state.waiters,
        events: state.outbox.count + state.cork.count)
    }
  }

  // MARK: Opening and sending

  /// Opens a channel with a packed request and arranges for the continuation to be resumed when the first reply is
  /// there or the call has ended. Called from any thread.
  func open(
    _ call: ClientCall, _ machine: ClientCallMachine, _ packer: inout MessagePackPacker,
    _ continuation: UnsafeContinuation<Void, Never>
  ) {
    var needsVisit = false
    let isOpen = state.withLock { state in
      guard let socket = state.socket, !call.isCancelled else {
        call.ending = call.isCancelled ? .cancelled : .closed
        return false
      }
      let key = state.calls.insert { key, generation in
        (call.key, call.generation) = (key, generation)
        return Entry(call: call, machine: machine)
      }
      packer.withUnsafeMutableBytes { bytes in
        let offset = EventWriter.idOffset(in: bytes)
        guard let base = bytes.baseAddress, bytes.count >= offset + 32 else { return }
        if call.isOneWay {
          state.ids.writeOneWay(to: base + offset)
        } else {
          state.ids.write(UInt32(key), call.generation, to: base + offset)
        }
        tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
      }
      let due = machine.nextDue
      state.timers.set(key, due: due)
      transmit(&packer, on: socket, &state, for: call)
      if call.ending != nil {
        needsVisit = mustVisit(socket, state)
        return false
      }
      call.continuation = continuation
      state.waiters += 1
      loop.schedule(self, at: due)
      needsVisit = mustVisit(socket, state)
      return true
    }
    if needsVisit { loop.visit(self) }
    if !isOpen { continuation.resume() }
  }

  /// Sends a request, or puts it in the outbox; ends the call when libzmq refuses it for good.
  private func transmit(
    _ packer: inout MessagePackPacker, on socket: SocketHandle, _ state: inout State, for call: ClientCall
  ) {
    var buffer: EventBuffer?
    if packer.count < ClientConnection.zeroCopyThreshold {
      // Alone it goes at once: nothing will follow with which it could travel.
      if state.outbox.isEmpty, state.calls.count > 1, !loop.leaderIsParked, !call.isOneWay {
        state.cork.append(packer, to: CorkAddress(key: call.key, generation: call.generation, kind: .request))
        return
      }
    } else {
      var taken = MessagePackPacker(reservingCapacity: 0)
      swap(&taken, &packer)
      buffer = EventBuffer(taken)
    }
    flushCork(&state, socket)
    if state.outbox.isEmpty {
      let outcome: SocketHandle.Outcome
      if let buffer {
        outcome = send(buffer, on: socket)
      } else {
        outcome = packer.withUnsafeBytes { bytes in
          let first = socket.send(ClientConnection.empty, more: true)
          return first == .done ? socket.send(bytes, more: false) : first
        }
      }
      switch outcome {
      case .done:
        if call.isOneWay {
          call.ending = .value
          state.timers.cancel(call.key)
          state.calls.remove(call.key)
        }
        return
      case .wouldBlock: break
      case .failed(let number):
        call.ending = .unsendable(String(cString: strerror(number)))
        state.timers.cancel(call.key)
        state.calls.remove(call.key)
        return
      }
    }
    state.outbox.append((call.key, call.generation, buffer ?? EventBuffer(copying: packer)))
    state.calls[call.key]?.isInOutbox = true
  }

  private func send(_ buffer: EventBuffer, on socket: SocketHandle) -> SocketHandle.Outcome {
    let first = socket.send(ClientConnection.empty, more: true)
    guard first == .done else { return first }
    return buffer.count >= ClientConnection.zeroCopyThreshold
      ? socket.send(buffer.bytes, ownedBy: buffer, more: false) : socket.send(buffer.bytes, more: false)
  }

  /// From this size on libzmq sends out of our buffer instead of copying it, in bytes.
  static let zeroCopyThreshold = 32 * 1024
  private static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// Whether the leader must look at the socket after it was used here. When it is parked, this use may have consumed
  /// the edge that was to wake it; otherwise it must know that there is something to look at before it parks.
  private func mustVisit(_ socket: SocketHandle, _ state: borrowing State) -> Bool {
    // It may have parked after something was corked; then nothing but a visit sends that.
    if !state.cork.isEmpty { return true }
    return loop.leaderIsParked ? socket.isReady(toSend: !state.outbox.isEmpty) : true
  }

  /// Sends a small event on an open channel. A transient one is dropped when the pipe is full or gone.
  private func sendSmall(
    _ state: inout State, key: Int, generation: UInt32, _ kind: CorkAddress.Kind,
    _ write: (InlineBytes, inout MessagePackPacker) -> Void
  ) {
    guard let socket = state.socket, state.outbox.isEmpty || kind != .transient else { return }
    let channel = state.ids.encoded(UInt32(key), generation)
    var packer = MessagePackPacker()
    write(channel, &packer)
    packer.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { state.ids.writeNext(to: base + EventWriter.idOffset) }
      tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
    }
    state.cork.append(packer, to: CorkAddress(key: key, generation: generation, kind: kind))
    if loop.leaderIsParked { flushCork(&state, socket) } else { loop.visit(self) }
  }

  /// Hands what this turn collected to libzmq.
  private func flushCork(_ state: inout State, _ socket: SocketHandle) {
    guard !state.cork.isEmpty else { return }
    var cork = Cork<CorkAddress>()
    swap(&cork, &state.cork)
    cork.drain { address, bytes in
      if state.outbox.isEmpty {
        let first = socket.send(ClientConnection.empty, more: true)
        if first == .done, socket.send(bytes, more: false) == .done { return }
      }
      guard address.kind != .transient, state.calls.contains(address.key, generation: address.generation) else {
        return
      }
      state.outbox.append((address.key, address.generation, EventBuffer(copying: bytes)))
      if address.kind == .request { state.calls[address.key]?.isInOutbox = true }
    }
    swap(&cork, &state.cork)
  }

  // MARK: Service

  func service(now: UInt64) -> Bool {
    var wake: [UnsafeContinuation<Void, Never>] = []
    var queueChange = 0
    let hasMore = state.withLock { state in
      swap(&wake, &state.wake)
      guard let socket = state.socket else { return false }
      flushOutbox(&state, socket, &wake)
      flushCork(&state, socket)
      var hasMore = true
      for _ in 0..<ClientConnection.budget {
        guard receive(&state, socket, now, &wake) else {
          hasMore = false
          break
        }
      }
      while let key = state.timers.popDue(now: now) { tick(&state, key, now, &wake) }
      let sends = !state.cork.isEmpty
      flushCork(&state, socket)
      // Receiving may have consumed the edge that told of the connection for which the outbox waits, and sending the edge
      // that told of input.
      if !hasMore, sends || !state.outbox.isEmpty { hasMore = socket.isReady(toSend: !state.outbox.isEmpty) }
      if now >= state.reconnectDue { reconnect(&state, socket) }
      registration.deadline.store(min(state.timers.earliest, state.reconnectDue), ordering: .sequentiallyConsistent)
      queueChange = state.queueChange()
      return hasMore
    }
    if let instruments { instruments.queueChanged(by: queueChange) }
    for continuation in wake { continuation.resume() }
    wake.removeAll(keepingCapacity: true)
    state.withLock { swap(&wake, &$0.wake) }
    return hasMore
  }

  private func flushOutbox(
    _ state: inout State, _ socket: SocketHandle, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard !state.outbox.isEmpty else { return }
    var sent = 0
    for entry in state.outbox {
      if state.calls.contains(entry.key, generation: entry.generation) {
        guard send(entry.event, on: socket) == .done else { break }
        state.calls[entry.key]?.isInOutbox = false
        if state.calls[entry.key]?.call.isOneWay == true { end(&state, entry.key, .value, &wake) }
      } else {
        state.deadInOutbox -= 1
      }
      sent += 1
    }
    state.outbox.removeFirst(sent)
  }

  /// Receives and handles one message; false when there is none.
  private func receive(
    _ state: inout State, _ socket: SocketHandle, _ now: UInt64, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) -> Bool {
    // libzmq processes its commands at each 100th frame, and ends the process ("Assertion failed: !_more") when the loss of a
    // connection is found among them in the middle of a message. Shortly before that it is made to look between messages.
    if state.frames >= ClientConnection.framesBetweenCommands - 2 {
      _ = socket.isReadable
      state.frames -= ClientConnection.framesBetweenCommands
    }
    // The payload is the last frame; what stands before it is the delimiter, which not every peer sends.
    repeat {
      guard state.frame.receive(from: socket) == .done else {
        state.frames = 0
        return false
      }
      state.frames += 1
    } while state.frame.hasMore
    do {
      let (layout, name, target) = try state.frame.withUnsafeBytes { bytes throws(MalformedEvent) in
        let layout = try EventReader.read(bytes)
        tracer?.log(.received, bytes)
        let target = layout.responseTo.flatMap { state.ids.read(UnsafeRawBufferPointer(rebasing: bytes[$0])) }
        return (layout, EventName(UnsafeRawBufferPointer(rebasing: bytes[layout.name])), target)
      }
      if let target, target.high == MessageIDGenerator.oneWayMark {
        answerOneWay(&state, name, target.low)
        return true
      }
      guard let target, state.calls.contains(Int(target.high), generation: target.low) else {
        logger.trace("event for a channel that has ended", metadata: ["endpoint": "\(endpoint)"])
        return true
      }
      deliver(&state, key: Int(target.high), name, layout, now, &wake)
    } catch {
      logger.warning(
        "malformed event ignored", metadata: ["endpoint": "\(endpoint)", "reason": "\(error)"])
    }
    return true
  }

  /// Hears an answer that nobody waits for. A stream would wait for credit for ever, since its version 1 channel is passive;
  /// one heartbeat starts the server's watch over it, which ends it after three intervals without another.
  private func answerOneWay(_ state: inout State, _ name: EventName, _ number: UInt32) {
    guard name == .stream else { return }
    sendSmall(&state, key: Int(MessageIDGenerator.oneWayMark), generation: number, .transient) {
      EventWriter.heartbeat(to: $0, into: &$1)
    }
  }

  private func deliver(
    _ state: inout State, key: Int, _ name: EventName, _ layout: EventLayout, _ now: UInt64,
    _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard let call = state.calls[key]?.call, let effect = state.calls[key]?.machine.receive(name, now: now) else {
      return
    }
    switch effect {
    case .ignore:
      if let due = state.calls[key]?.machine.nextDue { state.timers.set(key, due: due) }
    case .item:
      if !call.isStream {
        call.isStream = true
        // The deadline of the first reply is over.
        if let due = state.calls[key]?.machine.nextDue { state.timers.set(key, due: due) }
      }
      call.items.append(&state.frame, arguments: layout.arguments)
      resume(call, &state, &wake)
    case .endWithValue, .endWithError:
      call.reply.take(&state.frame)
      call.replyArguments = layout.arguments
      end(&state, key, effect == .endWithValue ? .value : .remoteError, &wake)
    case .endOfStream:
      call.isStream = true
      call.reply.take(&state.frame)
      end(&state, key, .endOfStream, &wake)
    case .violation(let violation):
      let event = state.frame.withUnsafeBytes { String(decoding: $0[layout.name].prefix(80), as: UTF8.self) }
      cancelRemotely(&state, key, call.generation)
      end(&state, key, .violation(violation, event: event), &wake)
    }
  }

  private func tick(
    _ state: inout State, _ key: Int, _ now: UInt64, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard let entry = state.calls[key], let tick = state.calls[key]?.machine.tick(now: now) else { return }
    switch tick {
    case .none: break
    case .sendHeartbeat:
      if !entry.isInOutbox {
        sendSmall(&state, key: key, generation: entry.call.generation, .transient) {
          EventWriter.heartbeat(to: $0, into: &$1)
        }
      }
    case .lost:
      cancelRemotely(&state, key, entry.call.generation)
      end(&state, key, .lost(wasSent: !entry.isInOutbox), &wake)
      return
    case .timedOut:
      entry.call.expiry = state.calls[key]?.machine.expiry ?? .firstReply
      cancelRemotely(&state, key, entry.call.generation)
      end(&state, key, .timedOut(wasSent: !entry.isInOutbox), &wake)
      return
    }
    if let due = state.calls[key]?.machine.nextDue { state.timers.set(key, due: due) }
  }

  /// Forgets a call; whoever waits for it is resumed after the lock is released.
  private func end(
    _ state: inout State, _ key: Int, _ ending: ClientCall.Ending, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard let entry = state.calls[key] else { return }
    entry.call.ending = ending
    state.timers.cancel(key)
    state.calls.remove(key)
    if entry.isInOutbox {
      state.deadInOutbox += 1
      // Swept in bulk, but nothing stays behind once the last live one is gone: an event can be large.
      let isMostlyDead = state.deadInOutbox > 32 && state.deadInOutbox * 2 > state.outbox.count
      if isMostlyDead || state.deadInOutbox == state.outbox.count { sweepOutbox(&state) }
    }
    resume(entry.call, &state, &wake)
  }

  private func sweepOutbox(_ state: inout State) {
    var kept: [(key: Int, generation: UInt32, event: EventBuffer)] = []
    for entry in state.outbox where state.calls.contains(entry.key, generation: entry.generation) { kept.append(entry) }
    state.outbox = kept
    state.deadInOutbox = 0
  }

  private func resume(
    _ call: ClientCall, _ state: inout State, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    if let continuation = call.continuation {
      call.continuation = nil
      state.waiters -= 1
      wake.append(continuation)
    }
  }

  /// Tells the peer that nobody waits any more. A peer other than Swift takes it for a heartbeat.
  private func cancelRemotely(_ state: inout State, _ key: Int, _ generation: UInt32) {
    if state.calls[key]?.isInOutbox == true { return }
    sendSmall(&state, key: key, generation: generation, .transient) { EventWriter.cancellation(of: $0, into: &$1) }
  }

  // MARK: Streams and ending from this side

  /// Says what a consumer that asks for an item gets.
  enum Pull { case item(arguments: Int), ended, wait }

  /// Takes the next item into `frame`, if it is there, and grants credit as needed.
  func pull(_ call: ClientCall, into frame: inout Frame) -> Pull {
    var needsVisit = false
    defer { if needsVisit { loop.visit(self) } }
    return state.withLock { state in
      let isOpen = call.ending == nil
      if isOpen, let grant = state.calls[call.key]?.machine.pull() {
        sendSmall(&state, key: call.key, generation: call.generation, .grant) {
          EventWriter.grant(grant, to: $0, into: &$1)
        }
        if let socket = state.socket { needsVisit = mustVisit(socket, state) }
      }
      if let arguments = call.items.popFirst(into: &frame) {
        if isOpen { state.calls[call.key]?.machine.took() }
        return .item(arguments: arguments)
      }
      return isOpen ? .wait : .ended
    }
  }

  /// Has a continuation resumed when an item is there or the stream has ended; false if that is so already. The stream ends
  /// when none has come at the deadline.
  func park(_ call: ClientCall, _ continuation: UnsafeContinuation<Void, Never>, until deadline: UInt64) -> Bool {
    state.withLock { state in
      guard call.items.isEmpty, call.ending == nil, !call.isCancelled, call.continuation == nil else { return false }
      call.continuation = continuation
      state.waiters += 1
      if deadline != .max {
        state.calls[call.key]?.machine.awaitItem(until: deadline)
        if let due = state.calls[call.key]?.machine.nextDue {
          state.timers.set(call.key, due: due)
          loop.schedule(self, at: due)
        }
      }
      return true
    }
  }

  /// Ends a call from this side: its caller was cancelled or left the stream.
  func cancel(_ call: ClientCall) {
    var needsVisit = false
    let continuation: UnsafeContinuation<Void, Never>? = state.withLock { state in
      call.isCancelled = true
      guard call.ending == nil, state.calls.contains(call.key, generation: call.generation),
        state.calls[call.key]?.call === call
      else { return nil }
      cancelRemotely(&state, call.key, call.generation)
      var wake: [UnsafeContinuation<Void, Never>] = []
      end(&state, call.key, .cancelled, &wake)
      call.items.removeAll()
      if let socket = state.socket { needsVisit = mustVisit(socket, state) }
      return wake.first
    }
    if needsVisit { loop.visit(self) }
    continuation?.resume()
  }

  /// Closes the socket and ends all calls.
  func close() {
    var queueChange = 0
    let wake: [UnsafeContinuation<Void, Never>] = state.withLock { state in
      guard let socket = state.socket else { return [] }
      var wake: [UnsafeContinuation<Void, Never>] = []
      for key in state.calls.keys {
        if let generation = state.calls[key]?.call.generation { cancelRemotely(&state, key, generation) }
        end(&state, key, .closed, &wake)
      }
      flushCork(&state, socket)
      state.outbox = []
      state.socket = nil
      loop.unregister(self)
      socket.close()
      queueChange = state.queueChange()
      return wake
    }
    instruments?.queueChanged(by: queueChange)
    for continuation in wake { continuation.resume() }
  }
}
