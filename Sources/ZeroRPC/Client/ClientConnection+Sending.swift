internal import MessagePack
internal import ZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

// Sending events, and what has to wait until libzmq can take it.
extension ClientConnection {
  /// Sends a small request, or puts it in the outbox; ends the call when libzmq refuses it for good.
  func transmit(
    _ packer: borrowing MessagePackPacker, on socket: SocketHandle, _ state: inout State, for call: ClientCall
  ) {
    // Most likely the caller is one of those.
    if state.answered > 0 { state.answered -= 1 }
    if state.outbox.isEmpty, !call.isOneWay, isWorthCollecting(state, socket) {
      state.cork.append(packer, to: CorkAddress(key: call.key, generation: call.generation, kind: .request))
      // The peer gets to work before the last one is here.
      let share = max(ClientConnection.smallestShare, (state.calls.count + state.answered) / 3)
      if loop.leaderIsParked, state.cork.count >= share { flushCork(&state, socket) }
      return
    }
    flushCork(&state, socket)
    var outcome = SocketHandle.Outcome.wouldBlock
    if state.outbox.isEmpty {
      outcome = packer.withUnsafeBytes { bytes in
        let first = socket.send(ClientConnection.empty, more: true)
        return first == .done ? socket.send(bytes, more: false) : first
      }
    }
    if !isSettled(outcome, call, &state) { keep(EventBuffer(copying: packer), of: call, &state, isRequest: true) }
  }

  /// Sends a large request in the same way.
  func transmit(_ event: EventBuffer, on socket: SocketHandle, _ state: inout State, for call: ClientCall) {
    flushCork(&state, socket)
    let outcome = state.outbox.isEmpty ? send(event, on: socket) : .wouldBlock
    if !isSettled(outcome, call, &state) { keep(event, of: call, &state, isRequest: true) }
  }

  /// Whether a request was sent or refused for good, with what follows from that.
  private func isSettled(_ outcome: SocketHandle.Outcome, _ call: ClientCall, _ state: inout State) -> Bool {
    switch outcome {
    case .done:
      if !call.isOneWay { return true }
      call.ending = .value
    case .wouldBlock: return false
    case .failed(let number): call.ending = .unsendable(String(cString: strerror(number)))
    }
    state.timers.cancel(call.key)
    state.calls.remove(call.key)
    return true
  }

  /// Whether others will soon send something with which a request can travel. Alone it goes at once.
  private func isWorthCollecting(_ state: borrowing State, _ socket: SocketHandle) -> Bool {
    let callers = state.calls.count + state.answered
    if callers <= 1 { return false }
    if !loop.leaderIsParked { return true }
    return socket.isServedByLoop && callers > ClientConnection.fewCalls
  }

  /// With no more callers than these, each request is sent at once while the leader is parked.
  private static let fewCalls = 7
  /// So many requests at least are sent together when not all are waited for that may come.
  private static let smallestShare = 24

  /// Sends what was collected while the leader was parked.
  private func flushCollected() {
    state.withLock { state in
      guard state.flushIsPlanned else { return }
      state.flushIsPlanned = false
      state.answered = 0
      if let socket = state.socket { flushCork(&state, socket) }
    }
  }

  /// Has the requests sent that callers on Swift's global pool leave here one after the other: behind those callers, in the
  /// pool's own queue. The pool may be busy with something else for long, so the leader is asked to come by each time too.
  func planFlush() {
    Task.detached { self.flushCollected() }
  }

  /// Puts into the outbox what libzmq cannot take now.
  func keep(_ event: EventBuffer, of call: ClientCall, _ state: inout State, isRequest: Bool) {
    state.outbox.append((call.key, call.generation, event))
    if isRequest { call.isInOutbox = true }
    call.waitingEvents += 1
  }

  func send(_ buffer: EventBuffer, on socket: SocketHandle) -> SocketHandle.Outcome {
    let first = socket.send(ClientConnection.empty, more: true)
    guard first == .done else { return first }
    return buffer.send(on: socket)
  }

  /// From this size on libzmq sends out of our buffer instead of copying it, in bytes.
  static let zeroCopyThreshold = 32 * 1024

  static var empty: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

  /// Whether the leader must look at the socket after it was used here. When it is parked, this use may have consumed
  /// the edge that was to wake it; otherwise it must know that there is something to look at before it parks.
  func mustVisit(_ socket: SocketHandle, _ state: borrowing State) -> Bool {
    // It may have parked after something was corked; then nothing but a visit sends that.
    if !state.cork.isEmpty { return true }
    guard socket.isEdgeTriggered else { return false }
    return loop.leaderIsParked ? socket.isReady(toSend: state.isBlocked) : true
  }

  /// Sends the heartbeat of a channel; when libzmq cannot take it, the channel owes it until it can.
  ///
  /// It does not queue behind what waits already: a peer that reads slowly must not take this one for lost because of that.
  func sendHeartbeat(_ state: inout State, _ key: Int) {
    guard let socket = state.socket else { return }
    flushCork(&state, socket)
    // A request that stays here is not followed by a heartbeat.
    guard let call = state.calls[key], !call.owesHeartbeat, !call.isInOutbox else { return }
    guard transmitHeartbeat(of: call, on: socket, &state) else {
      call.owesHeartbeat = true
      state.owedHeartbeats += 1
      return
    }
  }

  /// Sends the heartbeats that are owed, as far as libzmq takes them.
  func sendOwedHeartbeats(_ state: inout State, _ socket: SocketHandle) {
    for key in state.calls.keys {
      guard let call = state.calls[key], call.owesHeartbeat else { continue }
      guard transmitHeartbeat(of: call, on: socket, &state) else { return }
      call.owesHeartbeat = false
      state.owedHeartbeats -= 1
    }
  }

  private func transmitHeartbeat(of call: ClientCall, on socket: SocketHandle, _ state: inout State) -> Bool {
    let channel = state.ids.encoded(UInt32(call.key), call.generation)
    var packer = MessagePackPacker()
    EventWriter.heartbeat(to: channel, into: &packer)
    return packer.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress { state.ids.writeNext(to: base + EventWriter.idOffset) }
      guard socket.send(ClientConnection.empty, more: true) == .done else { return false }
      tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
      return socket.send(UnsafeRawBufferPointer(bytes), more: false) == .done
    }
  }

  /// Sends a small event on an open channel. A transient one is dropped when the pipe is full or gone.
  func sendSmall(
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

  /// Tells the peer that nobody waits any more. A peer other than Swift takes it for a heartbeat.
  func cancelRemotely(_ state: inout State, _ key: Int, _ generation: UInt32) {
    if state.calls[key]?.isInOutbox == true { return }
    sendSmall(&state, key: key, generation: generation, .transient) { EventWriter.cancellation(of: $0, into: &$1) }
  }

  /// Hands what this turn collected to libzmq.
  func flushCork(_ state: inout State, _ socket: SocketHandle) {
    guard !state.cork.isEmpty else { return }
    var cork = Cork<CorkAddress>()
    swap(&cork, &state.cork)
    socket.hold()
    defer { socket.release() }
    cork.drain { address, event in
      let bytes = UnsafeRawBufferPointer(event)
      if state.outbox.isEmpty {
        let first = socket.send(ClientConnection.empty, more: true)
        if first == .done, socket.send(bytes, more: false) == .done { return }
      }
      guard address.kind != .transient, state.calls.contains(address.key, generation: address.generation),
        let call = state.calls[address.key]
      else { return }
      keep(EventBuffer(copying: bytes), of: call, &state, isRequest: address.kind == .request)
    }
    swap(&cork, &state.cork)
  }

  func flushOutbox(
    _ state: inout State, _ socket: SocketHandle, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard !state.outbox.isEmpty else { return }
    var sent = 0
    for entry in state.outbox {
      if state.calls.contains(entry.key, generation: entry.generation), let call = state.calls[entry.key] {
        guard send(entry.event, on: socket) == .done else { break }
        call.isInOutbox = false
        call.waitingEvents -= 1
        if call.isOneWay { end(&state, entry.key, .value, &wake) }
      } else {
        state.deadInOutbox -= 1
      }
      sent += 1
    }
    state.outbox.removeFirst(sent)
  }

  func sweepOutbox(_ state: inout State) {
    var kept: [(key: Int, generation: UInt32, event: EventBuffer)] = []
    for entry in state.outbox where state.calls.contains(entry.key, generation: entry.generation) { kept.append(entry) }
    state.outbox = kept
    state.deadInOutbox = 0
  }
}
