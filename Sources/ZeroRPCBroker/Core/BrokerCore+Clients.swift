internal import Logging
internal import ZeroMQ
internal import ZeroRPC

// What clients send.
extension BrokerCore {
  /// How many messages a channel may send before it has a worker, heartbeats not counted.
  private static let heldLimit = 16

  /// Receives and passes on what clients sent; true when the budget did not suffice.
  func pumpClients(_ state: inout State, _ frontend: SocketHandle, _ now: UInt64) -> Bool {
    for _ in 0..<BrokerCore.budget {
      guard state.buffer.receive(from: frontend) == .done else { return false }
      state.traffic.fromClients.note(state.buffer.byteCount)
      passToWorker(&state, now)
    }
    return true
  }

  private func passToWorker(_ state: inout State, _ now: UInt64) {
    let count = state.buffer.count
    guard count >= 2, !state.buffer.isTooLong else {
      return drop(.malformed, &state, "a client's message of \(count) frames")
    }
    let payload = state.buffer.bytes(of: count - 1)
    let event: BrokerEvent
    do { event = try BrokerEvent.read(payload) } catch { return drop(.malformed, &state, error.description) }
    // The payload is the last frame and the one before it the delimiter, which the reference does not insist on.
    let hops = count == 2 ? 1 : count - 2
    state.key.clear()
    for index in 0..<hops { state.key.append(hop: state.buffer.bytes(of: index)) }
    state.key.append(id: UnsafeRawBufferPointer(rebasing: payload[event.channel]))
    switch state.machine.receiveFromClient(event, key: state.key.bytes, now: now) {
    case .forward(let worker, let channel):
      deliver(&state, channel, to: worker, isDroppable: event.kind == .heartbeat, now)
    case .wait(let channel):
      guard state.held[channel]?.count ?? 0 < BrokerCore.heldLimit else { return }
      let message = HeldMessage(&state.buffer, from: 0, insertingDelimiter: count == 2)
      state.held[channel, default: []].append(message)
    case .answerHeartbeat:
      let id = InlineBytes(UnsafeRawBufferPointer(rebasing: payload[event.channel]))
      reply(&state, behind: 0..<hops) { EventWriter.heartbeat(to: id, into: &$0) }
    case .discard(let channel): state.held[channel] = nil
    case .refuse: refuse(&state, event, payload, behind: 0..<hops)
    case .drop: logger.trace("late or stray event of a client dropped")
    }
  }

  /// Sends the message in the buffer to a worker, or keeps it while the worker is full.
  private func deliver(_ state: inout State, _ channel: Int, to worker: Int, isDroppable: Bool, _ now: UInt64) {
    guard let route = state.routes[worker] else { return state.machine.abandon(channel, .workerLost) }
    let needsDelimiter = state.buffer.count == 2
    if route.backlog.isEmpty {
      let size = state.buffer.byteCount
      let outcome = state.buffer.send(
        behind: route.routing, insertingDelimiter: needsDelimiter, on: route.link.socket)
      touch(route.link, &state)
      switch outcome {
      case .done:
        state.traffic.toWorkers.note(size)
        state.lastForward = now
        return
      case .failed:
        state.machine.abandon(channel, .workerLost)
        note(gone: route, &state)
        return
      case .wouldBlock: break
      }
    }
    // A heartbeat that waits is worth nothing.
    if isDroppable { return }
    guard route.backlog.count < configuration.backlogLimit else {
      return state.machine.abandon(channel, .workerFull)
    }
    route.backlog.append(HeldMessage(&state.buffer, from: 0, insertingDelimiter: needsDelimiter))
    state.machine.setFull(true, worker: worker)
    hasten(&state, to: now &+ BrokerCore.retryInterval)
  }

  /// Sends what was kept of a channel to the worker that it got.
  func deliverHeld(_ state: inout State, _ channel: Int, to worker: Int, _ now: UInt64) {
    guard let messages = state.held.removeValue(forKey: channel), let route = state.routes[worker] else { return }
    for message in messages {
      if route.backlog.isEmpty {
        touch(route.link, &state)
        let outcome = message.send(behind: route.routing, on: route.link.socket)
        if outcome == .done {
          state.traffic.toWorkers.note(message.byteCount)
          state.lastForward = now
          continue
        }
        if case .failed = outcome {
          state.machine.abandon(channel, .workerLost)
          note(gone: route, &state)
          return
        }
      }
      route.backlog.append(message)
      state.machine.setFull(true, worker: worker)
      hasten(&state, to: now &+ BrokerCore.retryInterval)
    }
  }

  /// Tries again to send what waits for a worker.
  func flush(_ route: BrokerRoute, _ state: inout State) {
    guard !route.backlog.isEmpty else { return }
    let socket = route.link.socket
    touch(route.link, &state)
    var isGone = false
    var messages: UInt64 = 0
    var bytes: UInt64 = 0
    route.backlog.drain { message in
      switch message.send(behind: route.routing, on: socket) {
      case .done:
        messages += 1
        bytes += UInt64(message.byteCount)
        return true
      case .wouldBlock: return false
      case .failed:
        isGone = true
        return false
      }
    }
    state.traffic.toWorkers.add(messages, bytes)
    if isGone {
      note(gone: route, &state)
    } else if route.backlog.isEmpty, route.worker >= 0 {
      state.machine.setFull(false, worker: route.worker)
    }
  }

  func drop(_ reason: BrokerDrop, _ state: inout State, _ text: @autoclosure () -> String) {
    state.machine.note(reason)
    logger.debug("message dropped", metadata: ["reason": "\(text())"])
  }
}
