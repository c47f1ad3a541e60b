internal import Logging
internal import MessagePack
internal import ZeroMQ

// Sending what handlers answer, and what has to wait for its peer.
extension ServerConnection {
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
      guard call.machine.spend() else { return .noCredit }
      let isReachable = transmit(&packer, call, &state, isAlone: isLast && state.calls.count == 1)
      if isLast || !isReachable { waiters = remove(&state, key) }
      // The leader may have parked after the event was corked.
      needsVisit =
        !state.cork.isEmpty || !state.outbox.isEmpty
        || socket.isEdgeTriggered && (!loop.leaderIsParked || socket.isReadable)
      return isReachable ? .sent : .ended
    }
    if needsVisit { loop.visit(self) }
    for waiter in waiters { waiter.resume() }
    return emission
  }

  /// Has a continuation resumed when credit comes or the call ends; false if that is so already.
  func park(_ call: RPCServerCall, _ continuation: UnsafeContinuation<Void, Never>) -> Bool {
    state.withLock { state in
      guard call.key >= 0, !Task.isCancelled, call.machine.availableCredit == 0 || isHeldBack(call, state)
      else { return false }
      call.creditWaiters.append(continuation)
      state.producers += 1
      return true
    }
  }

  /// Resumes a handler that waits for credit, because its task was cancelled.
  func unpark(_ call: RPCServerCall) {
    let waiters = state.withLock { state in
      defer { call.creditWaiters = [] }
      state.producers -= call.creditWaiters.count
      return call.creditWaiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Whether the peer does not take what was sent to it; then no credit helps, or memory would not be bounded.
  func isHeldBack(_ call: RPCServerCall, _ state: borrowing State) -> Bool {
    !state.outbox.isEmpty && state.outbox[call.routing] != nil
  }

  /// Whether the peer has left so much unread that nothing more is kept for it.
  private func isOverflowing(_ call: RPCServerCall, _ state: inout State) -> Bool {
    guard let backlog = state.outbox[call.routing], backlog.bytes >= unsentBytesPerPeer else { return false }
    if !backlog.hasOverflowed {
      state.outbox[call.routing]?.hasOverflowed = true
      logger.warning(
        "answers dropped: a client does not read them",
        metadata: ["method": "\(call.method)", "unsentBytesPerPeer": "\(unsentBytesPerPeer)"])
    }
    return true
  }

  /// Hands an event to libzmq, or queues it when its peer is full. False when the peer is gone, or
  /// reads nothing.
  ///
  /// - Parameter isAlone: whether nothing will follow soon with which it could travel; then it goes at once.
  func transmit(
    _ packer: inout MessagePackPacker, _ call: RPCServerCall, _ state: inout State, isAlone: Bool = false
  ) -> Bool {
    guard let socket = state.socket else { return false }
    if !state.outbox.isEmpty, isOverflowing(call, &state) { return false }
    packer.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count >= EventWriter.idOffset(in: bytes) + 32 else { return }
      state.ids.writeNext(to: base + EventWriter.idOffset(in: bytes))
      tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
    }
    var buffer: EventBuffer?
    if packer.messageSize < ClientConnection.zeroCopyThreshold {
      if !isAlone, !loop.leaderIsParked, state.cork.byteCount < ServerConnection.corkLimit {
        state.cork.append(packer, to: call)
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
    let blocked = Blocked(hops: call.hops, event: buffer ?? EventBuffer(copying: packer))
    state.outbox[call.routing, default: Backlog()].append(blocked)
    return true
  }

  /// Sends the heartbeat of a channel; when its peer is full, the channel owes it until there is room.
  ///
  /// It does not queue behind what waits already: a peer that reads slowly must not take this one for lost because of that.
  ///
  /// - Returns: false when the peer is gone for good. A routing id that libzmq has made is that of one connection, so nobody
  ///   will have it again; one that the peer has chosen may come back with it.
  func sendHeartbeat(_ state: inout State, _ call: RPCServerCall) -> Bool {
    guard let socket = state.socket else { return true }
    flushCork(&state, socket)
    if state.outbox.isEmpty || state.outbox[call.routing] == nil {
      switch transmitHeartbeat(of: call, on: socket, &state) {
      case .done: return true
      case .failed: return !call.routing.isMadeByZeroMQ
      case .wouldBlock: break
      }
    }
    call.owesHeartbeat = true
    state.outbox[call.routing, default: Backlog()].hasHeartbeats = true
    return true
  }

  /// Sends the heartbeats that are owed to a peer, as far as it takes them.
  private func sendOwedHeartbeats(
    to routing: InlineBytes, on socket: SocketHandle, _ state: inout State
  ) -> SocketHandle.Outcome {
    for key in state.calls.keys {
      guard let call = state.calls[key], call.owesHeartbeat, call.routing == routing else { continue }
      let outcome = transmitHeartbeat(of: call, on: socket, &state)
      guard outcome == .done else { return outcome }
      call.owesHeartbeat = false
    }
    state.outbox[routing]?.hasHeartbeats = false
    return .done
  }

  private func transmitHeartbeat(
    of call: RPCServerCall, on socket: SocketHandle, _ state: inout State
  ) -> SocketHandle.Outcome {
    var packer = MessagePackPacker()
    EventWriter.heartbeat(to: call.id, into: &packer)
    return packer.withUnsafeMutableBytes { bytes in
      if let base = bytes.baseAddress, bytes.count >= EventWriter.idOffset(in: bytes) + 32 {
        state.ids.writeNext(to: base + EventWriter.idOffset(in: bytes))
      }
      let first = sendEnvelope(call.routing, call.hops, on: socket)
      guard first == .done else { return first }
      tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
      return socket.send(UnsafeRawBufferPointer(bytes), more: false)
    }
  }

  /// Hands what this turn collected to libzmq.
  func flushCork(_ state: inout State, _ socket: SocketHandle) {
    guard !state.cork.isEmpty else { return }
    var cork = Cork<RPCServerCall>()
    swap(&cork, &state.cork)
    socket.hold()
    defer { socket.release() }
    cork.drain { call, event in
      let bytes = UnsafeRawBufferPointer(event)
      if state.outbox.isEmpty || state.outbox[call.routing] == nil {
        let first = sendEnvelope(call.routing, call.hops, on: socket)
        if first == .done {
          _ = socket.send(bytes, more: false)
          return
        }
        // The peer is gone; its calls end by their heartbeats.
        guard first == .wouldBlock else { return }
      }
      let blocked = Blocked(hops: call.hops, event: EventBuffer(copying: bytes))
      state.outbox[call.routing, default: Backlog()].append(blocked)
    }
    swap(&cork, &state.cork)
  }

  func sendEnvelope(
    _ routing: InlineBytes, _ hops: [[UInt8]], on socket: SocketHandle
  ) -> SocketHandle.Outcome {
    let first = routing.withUnsafeBytes { socket.send($0, more: true) }
    guard first == .done else { return first }
    for hop in hops { _ = hop.withUnsafeBytes { socket.send($0, more: true) } }
    return socket.send(UnsafeRawBufferPointer(start: nil, count: 0), more: true)
  }

  func send(
    _ buffer: EventBuffer, _ routing: InlineBytes, _ hops: [[UInt8]], on socket: SocketHandle
  ) -> SocketHandle.Outcome {
    let first = sendEnvelope(routing, hops, on: socket)
    guard first == .done else { return first }
    return buffer.send(on: socket)
  }

  func flushOutbox(_ state: inout State, _ socket: SocketHandle, _ after: inout Aftermath) {
    for (routing, queue) in state.outbox {
      var sent = 0
      var isGone = false
      var bytes = 0
      if queue.hasHeartbeats {
        let outcome = sendOwedHeartbeats(to: routing, on: socket, &state)
        if outcome == .wouldBlock { continue }
        isGone = outcome != .done
      }
      for blocked in queue.events where !isGone {
        let outcome = send(blocked.event, routing, blocked.hops, on: socket)
        if outcome == .wouldBlock { break }
        if outcome != .done {
          isGone = true
          break
        }
        sent += 1
        bytes += blocked.size
      }
      if isGone || sent == queue.events.count {
        state.outbox[routing] = nil
        for key in state.calls.keys where state.calls[key]?.routing == routing {
          wakeProducer(&state, key, &after)
        }
      } else if sent > 0 {
        state.outbox[routing]?.events.removeFirst(sent)
        state.outbox[routing]?.bytes -= bytes
      }
    }
  }
}
