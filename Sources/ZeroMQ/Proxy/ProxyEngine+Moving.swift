extension ProxyEngine {
  /// Moves a burst of messages each way.
  func move(_ state: inout State) {
    if state.parkedCount > 0 { deliverParked(&state) }
    let now = MonotonicTime.now()
    for lane in state.lanes { move(lane, &state, now) }
  }

  /// Looks once at every socket but the control, last of all uses in a turn: that takes libzmq's pending commands, or the
  /// descriptors would stay readable, and what these brought has no edge any more. Notes when to come back.
  func look(_ state: borrowing State, _ now: UInt64, _ turn: inout Turn) {
    let ready = state.sockets.prefix(3).map { $0?.readiness ?? (toReceive: false, toSend: false) }
    guard !state.isPaused else { return }
    for lane in state.lanes {
      if !lane.isHolding {
        if mayRead(lane, state), ready[lane.from.rawValue].toReceive { turn.hasMore = true }
      } else if !lane.message.isCaptured, state[.capture] != nil {
        if ready[Place.capture.rawValue].toSend { turn.hasMore = true }
      } else if kind == .forwarder {
        // An XPUB does not tell when the one full subscriber has room again.
        turn.next = now &+ ProxyEngine.retryNanoseconds
      } else if ready[lane.to.rawValue].toSend {
        turn.hasMore = true
      }
    }
    // Nor does a ROUTER of the one full client.
    if state.parkedCount > 0 { turn.next = now &+ ProxyEngine.retryNanoseconds }
  }

  /// Moves a burst one way.
  private func move(_ lane: Lane, _ state: inout State, _ now: UInt64) {
    guard let from = state[lane.from], let to = state[lane.to] else { return }
    for _ in 0..<ProxyEngine.budget {
      if !lane.isHolding {
        guard mayRead(lane, state), lane.message.receive(from: from) == .done else { return }
        lane.isHolding = true
        state.lastReceived = now
        if lane.from == .frontend {
          state.statistics.frontendReceived.add(lane.message.size)
          state.owesReply = kind == .queue
        } else {
          state.statistics.backendReceived.add(lane.message.size)
        }
      }
      guard capture(lane, state), deliver(lane, to, &state) else { return }
      lane.isHolding = false
    }
  }

  private func mayRead(_ lane: Lane, _ state: borrowing State) -> Bool {
    lane.to == .backend || state.parkedCount < max(1, configuration.parkedReplies)
  }

  /// Copies the message to the capture socket; false if that has no room.
  private func capture(_ lane: Lane, _ state: borrowing State) -> Bool {
    guard let socket = state[.capture], !lane.message.isCaptured else { return true }
    if lane.message.copy(to: socket) == .wouldBlock { return false }
    lane.message.isCaptured = true
    return true
  }

  /// Sends the message; false if it has to wait and nothing may overtake it.
  private func deliver(_ lane: Lane, _ to: SocketHandle, _ state: inout State) -> Bool {
    if kind == .queue, lane.to == .frontend {
      reply(lane, to, &state)
      return true
    }
    switch lane.message.send(to: to) {
    case .done: countSent(lane.message, to: lane.to, &state)
    case .wouldBlock: return false
    case .failed: state.statistics.undeliverable.add(lane.message.size)
    }
    return true
  }

  private func countSent(_ message: ProxyMessage, to place: Place, _ state: inout State) {
    if place == .frontend {
      state.statistics.frontendSent.add(message.size)
    } else {
      state.statistics.backendSent.add(message.size)
    }
  }

  // MARK: Replies

  /// Sends a reply to its client, or keeps it apart if that one takes none.
  private func reply(_ lane: Lane, _ router: SocketHandle, _ state: inout State) {
    state.owesReply = false
    let message = lane.message
    let isBehindOthers = state.parkedCount > 0 && state.parked[message.bytes(of: 0)] != nil
    if !isBehindOthers {
      switch message.send(to: router) {
      case .done:
        countSent(message, to: .frontend, &state)
        return
      case .failed:
        // The client is gone, and nobody else could use it.
        state.statistics.undeliverable.add(message.size)
        return
      case .wouldBlock: break
      }
    }
    state.parked[message.bytes(of: 0), default: []].append(message)
    state.parkedCount += 1
    lane.message = ProxyMessage()
  }

  /// Tries again what was kept apart.
  private func deliverParked(_ state: inout State) {
    guard let router = state[.frontend] else { return }
    for (id, messages) in state.parked {
      var done = 0
      sending: for message in messages {
        switch message.send(to: router) {
        case .done: countSent(message, to: .frontend, &state)
        case .failed: state.statistics.undeliverable.add(message.size)
        case .wouldBlock: break sending
        }
        done += 1
      }
      guard done > 0 else { continue }
      state.parkedCount -= done
      state.parked[id] = done == messages.count ? nil : Array(messages[done...])
    }
  }

  // MARK: Commands

  /// Obeys what the control socket brings; true if there may be more.
  func obey(_ state: inout State) -> Bool {
    guard let control = state[.control], let type = configuration.control else { return false }
    for _ in 0..<ProxyEngine.budget {
      guard state.command.receive(from: control) == .done else { return control.isReadable }
      let word = String(decoding: state.command.bytes(of: 0), as: UTF8.self)
      var answer = ZMQMessage(parts: [[]])
      switch word {
      case "PAUSE": state.isPaused = true
      case "RESUME": state.isPaused = false
      case "TERMINATE": beginEnd(&state)
      case "STATISTICS": answer = ZMQMessage(parts: state.statistics.parts)
      default: answer = ["ERROR: unknown command; send PAUSE, RESUME, TERMINATE or STATISTICS"]
      }
      if type == .reply || (type == .pair && word == "STATISTICS") { _ = control.send(whole: answer) }
    }
    return true
  }
}
