internal import Logging
internal import ZeroMQ
internal import ZeroRPC

// What workers send, and whether they are there.
extension BrokerCore {
  /// Receives and passes on what a link's workers sent; true when the budget did not suffice.
  func pumpWorkers(_ state: inout State, _ link: BrokerLink, _ now: UInt64) -> Bool {
    for _ in 0..<BrokerCore.budget {
      guard state.buffer.receive(from: link.socket) == .done else {
        // Receiving may have consumed the edge that told of room.
        if !link.isBound, link.worker >= 0, let route = state.routes[link.worker] { flush(route, &state) }
        return false
      }
      state.traffic.fromWorkers.note(state.buffer.byteCount)
      passToClient(&state, link, now)
    }
    return true
  }

  private func passToClient(_ state: inout State, _ link: BrokerLink, _ now: UInt64) {
    let first = link.isBound ? 1 : 0
    let count = state.buffer.count
    guard let route = sender(&state, link, now) else { return }
    guard count - first >= 2, !state.buffer.isTooLong else {
      return drop(.malformed, &state, "a worker's message of \(count) frames")
    }
    let hasDelimiter = count - first > 2
    let payload = state.buffer.bytes(of: count - 1)
    let event: BrokerEvent
    do { event = try BrokerEvent.read(payload) } catch { return drop(.malformed, &state, error.description) }
    if !hasDelimiter, state.buffer.size(of: first) == 0 {
      // Without a client's envelope it answers the broker's own call.
      return noteAnswer(&state, route, event, UnsafeRawBufferPointer(rebasing: payload[event.channel]), now)
    }
    guard route.worker >= 0 else { return drop(.fromWorker, &state, "a message of a peer that is no worker yet") }
    let end = hasDelimiter ? count - 2 : count - 1
    state.key.clear()
    for index in first..<end { state.key.append(hop: state.buffer.bytes(of: index)) }
    state.key.append(id: UnsafeRawBufferPointer(rebasing: payload[event.channel]))
    switch state.machine.receiveFromWorker(route.worker, event, key: state.key.bytes, now: now) {
    case .forward(let channel, let isLast):
      deliver(&state, isLast ? -1 : channel, from: first, insertingDelimiter: !hasDelimiter, event.kind, now)
    case .drop: logger.trace("late or stray event of a worker dropped")
    }
  }

  /// Notes that a peer answered a probe; one that is no worker yet becomes one.
  private func noteAnswer(
    _ state: inout State, _ route: BrokerRoute, _ event: BrokerEvent, _ id: UnsafeRawBufferPointer, _ now: UInt64
  ) {
    guard event.kind == .done || event.kind == .failure, state.ids.read(id) != nil else {
      return drop(.fromWorker, &state, "a worker's event for the broker itself that answers nothing")
    }
    route.answersProbes = true
    if route.worker < 0 { enroll(&state, route, now) }
  }

  /// The worker that the message in the buffer came from; nil when it is none of a worker.
  private func sender(_ state: inout State, _ link: BrokerLink, _ now: UInt64) -> BrokerRoute? {
    let route: BrokerRoute?
    if link.isBound {
      route = boundSender(&state, link, now)
    } else {
      route = link.worker >= 0 ? state.routes[link.worker] : nil
    }
    guard let route else { return nil }
    route.lastHeard = now
    route.probedAt = 0
    if route.isSilent {
      route.isSilent = false
      state.machine.setSilent(false, worker: route.worker)
    }
    return route
  }

  /// Sends the message in the buffer to its client, or keeps it while the client is full.
  private func deliver(
    _ state: inout State, _ channel: Int, from first: Int, insertingDelimiter: Bool, _ kind: BrokerEvent.Kind,
    _ now: UInt64
  ) {
    guard let frontend = state.frontend else { return }
    let size = state.buffer.byteCount
    var client: InlineBytes?
    if !state.clientBacklogs.isEmpty { client = InlineBytes(state.buffer.bytes(of: first)) }
    if client.map({ state.clientBacklogs[$0] == nil }) ?? true {
      state.isFrontendTouched = true
      switch state.buffer.send(from: first, insertingDelimiter: insertingDelimiter, on: frontend) {
      case .done:
        state.traffic.toClients.note(size)
        state.lastForward = now
        return
      case .failed: return state.machine.abandon(channel, .clientGone)
      case .wouldBlock: break
      }
    }
    // A heartbeat that waits is worth nothing.
    if kind == .heartbeat { return }
    let id = client ?? InlineBytes(state.buffer.bytes(of: first))
    guard state.clientBacklogs[id]?.count ?? 0 < configuration.backlogLimit else {
      return state.machine.abandon(channel, .clientFull)
    }
    let message = HeldMessage(&state.buffer, from: first, insertingDelimiter: insertingDelimiter)
    state.clientBacklogs[id, default: Backlog()].append(message)
    hasten(&state, to: now &+ BrokerCore.retryInterval)
  }

  /// Tries again to send what waits for clients.
  func flushClients(_ state: inout State) {
    guard let frontend = state.frontend, !state.clientBacklogs.isEmpty else { return }
    state.isFrontendTouched = true
    for client in Array(state.clientBacklogs.keys) {
      var isGone = false
      var messages: UInt64 = 0
      var bytes: UInt64 = 0
      state.clientBacklogs[client]?.drain { message in
        switch message.send(behind: nil, on: frontend) {
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
      state.traffic.toClients.add(messages, bytes)
      if isGone { state.machine.note(.clientGone) }
      if isGone || state.clientBacklogs[client]?.isEmpty == true { state.clientBacklogs[client] = nil }
    }
  }

  // MARK: Coming and going

  /// Reads what libzmq reports of a link's connections.
  func readMonitor(_ state: inout State, _ link: BrokerLink, _ now: UInt64) {
    while state.buffer.receive(from: link.monitor) == .done {
      guard state.buffer.count > 0, let event = ConnectionEvent(state.buffer.bytes(of: 0)) else { continue }
      switch (event, link.isBound) {
      case (.ready, true): link.needsCensus = true
      case (.gone, true):
        // The report comes before libzmq forgets the peer.
        link.patrols = [2_000_000, 20_000_000, 500_000_000].map { now &+ $0 }
        hasten(&state, to: now &+ 2_000_000)
      case (.ready, false):
        guard let route = state.routes[link.worker] else { continue }
        rise(route, &state, now)
      case (.gone, false):
        // What the worker said last comes before its end.
        while pumpWorkers(&state, link, now) {}
        if let route = state.routes[link.worker] { lose(route, &state) }
      }
    }
    if link.needsCensus { takeCensus(&state, link) }
  }

  /// Notes that a worker is connected.
  func rise(_ route: BrokerRoute, _ state: inout State, _ now: UInt64) {
    route.isUp = true
    route.isSilent = false
    route.lastHeard = now
    route.probedAt = 0
    state.machine.workerUp(route.worker)
    logger.debug("worker connected", metadata: ["worker": "\(state.machine.worker(route.worker)?.name ?? "")"])
  }

  /// Notes that a worker of a bound link was not there any more when something was to be sent to it.
  func note(gone route: BrokerRoute, _ state: inout State) {
    if route.worker >= 0 { state.machine.setFull(true, worker: route.worker) }
    state.gone.append(route)
  }

  /// Ends the channels of workers that turned out to be gone, behind what they said last.
  func loseGone(_ state: inout State, _ now: UInt64) {
    while let route = state.gone.popLast() {
      while pumpWorkers(&state, route.link, now) {}
      if route.isUp || route.worker < 0 { lose(route, &state) }
    }
  }

  /// Notes that a worker is gone. Its channels end; clients hear nothing more of them, as of any lost peer.
  func lose(_ route: BrokerRoute, _ state: inout State) {
    route.backlog.removeAll()
    route.isUp = false
    let link = route.link
    guard route.worker >= 0 else {
      if let routing = route.routing { link.peers[routing] = nil }
      return
    }
    let name = state.machine.worker(route.worker)?.name ?? ""
    let ended: Int
    if let routing = route.routing {
      link.peers[routing] = nil
      ended = state.machine.removeWorker(route.worker)
      state.routes[route.worker] = nil
      route.worker = -1
    } else {
      ended = state.machine.workerDown(route.worker)
    }
    logger.debug("worker lost", metadata: ["worker": "\(name)", "channels": "\(ended)"])
  }
}
