internal import Logging
internal import ZeroMQ

// What happens as time passes.
extension BrokerCore {
  /// How often the broker looks after what no event tells of, in nanoseconds.
  private static let tickInterval: UInt64 = 500_000_000
  /// How soon a peer that was full is tried again, in nanoseconds: ROUTER does not tell of room at one peer.
  static let retryInterval: UInt64 = 5_000_000
  /// How often a draining broker looks whether it may end, in nanoseconds.
  private static let drainInterval: UInt64 = 1_000_000

  func tick(_ state: inout State, _ now: UInt64) {
    state.nextTick = now &+ BrokerCore.tickInterval
    while let channel = state.machine.expire(now: now) { state.held[channel] = nil }
    flushClients(&state)
    if !state.clientBacklogs.isEmpty { hasten(&state, to: now &+ BrokerCore.retryInterval) }
    for link in state.links {
      patrol(&state, link, now)
      if link.isInproc, !link.isBound { reconnect(&state, link, now) }
    }
    for case .some(let route) in state.routes where !route.backlog.isEmpty {
      flush(route, &state)
      if !route.backlog.isEmpty { hasten(&state, to: now &+ BrokerCore.retryInterval) }
    }
    if probeInterval > 0, now >= state.nextProbes {
      state.nextProbes = now &+ min(probeInterval, BrokerCore.tickInterval) &- 1
      probeSilent(&state, now)
      // Monitors say nothing of inproc.
      for link in state.links where link.isBound { takeCensus(&state, link) }
    }
    if state.drainsSince > 0 { hasten(&state, to: now &+ BrokerCore.drainInterval) }
  }

  /// Asks workers that have been silent whether they are there, and passes over those that did not answer the last time.
  private func probeSilent(_ state: inout State, _ now: UInt64) {
    var routes: [BrokerRoute] = []
    for link in state.links {
      if link.isBound {
        routes.append(contentsOf: link.peers.values)
      } else if link.worker >= 0, let route = state.routes[link.worker], route.isUp {
        routes.append(route)
      }
    }
    for route in routes {
      if route.probedAt > 0, route.answersProbes, !route.isSilent, now &- route.probedAt >= probeInterval {
        route.isSilent = true
        state.machine.setSilent(true, worker: route.worker)
        logger.debug(
          "worker does not answer", metadata: ["worker": "\(state.machine.worker(route.worker)?.name ?? "")"])
      }
      // Once per interval, or its queue would fill with what nobody reads.
      guard now &- max(route.lastHeard, route.lastProbe) >= probeInterval else { continue }
      route.lastProbe = now
      if !probe(route, &state, now) { note(gone: route, &state) }
    }
  }

  /// Asks the peers of a bound link whether they are there, after one has gone.
  private func patrol(_ state: inout State, _ link: BrokerLink, _ now: UInt64) {
    guard let due = link.patrols.first else { return }
    if due <= now {
      link.patrols.removeFirst()
      for route in Array(link.peers.values) where !probe(route, &state, now) { note(gone: route, &state) }
    }
    if let next = link.patrols.first { hasten(&state, to: next) }
  }

  /// Connects an inproc link again: libzmq does so only over the other transports.
  private func reconnect(_ state: inout State, _ link: BrokerLink, _ now: UInt64) {
    guard let route = state.routes[link.worker], route.backlog.isEmpty, !link.socket.isWritable else { return }
    if route.isUp { lose(route, &state) }
    guard (try? link.socket.connect(link.endpoint)) != nil else { return }
    rise(route, &state, now)
  }

  // MARK: The end

  /// How long a broker that drains waits for a moment without traffic, in nanoseconds.
  private static let calmPatience: UInt64 = 1_000_000_000
  /// How long that moment is, in nanoseconds.
  private static let calm: UInt64 = 3_000_000

  /// Whether a broker that drains may end now.
  ///
  /// Best is a moment when nobody calls. Where calls follow each other without a pause there is none; then it ends right behind
  /// an answer, so that the client learns of it before its next call.
  func isDrained(_ state: inout State, _ frontend: SocketHandle, _ now: UInt64) -> Bool {
    if now &- state.drainsSince >= configuration.shutdownGrace.clampedNanoseconds { return true }
    guard state.machine.channelCount == 0, state.clientBacklogs.isEmpty, !frontend.isReadable else {
      return false
    }
    return now &- state.lastForward >= BrokerCore.calm || now &- state.drainsSince >= BrokerCore.calmPatience
  }
}
