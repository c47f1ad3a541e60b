/// Decides which of two servers serves: the state machine of the guide, without clocks or sockets.
struct StateMachine: Sendable {
  enum State: String, Sendable {
    /// Waits for the peer, as the one that is to serve.
    case primary
    /// Waits for the peer, as the one that is to stand by.
    case backup
    /// Serves.
    case active
    /// Stands by.
    case passive
  }

  /// Says that both serve, or neither would: somebody has to look.
  struct SplitBrain: Error {
    let state: State
  }

  private(set) var state: State
  /// Until when the peer is taken to be alive.
  private var peerExpiry: ContinuousClock.Instant?

  init(_ state: State) { self.state = state }

  /// Hears the peer's state.
  mutating func hear(_ peer: State, at now: ContinuousClock.Instant, patience: Duration) throws(SplitBrain) {
    peerExpiry = now + patience
    switch (state, peer) {
    case (.primary, .backup), (.primary, .passive): state = .active
    case (.primary, .active), (.backup, .active): state = .passive
    case (.active, .active): throw SplitBrain(state: state)
    // The peer starts anew, so that nobody serves.
    case (.passive, .primary), (.passive, .backup): state = .active
    case (.passive, .passive): throw SplitBrain(state: state)
    default: break
    }
  }

  /// Whether a client's call may be served. A client that asks the one that stands by makes it serve if the peer is gone.
  mutating func admitsCall(at now: ContinuousClock.Instant) -> Bool {
    if state == .passive, let peerExpiry, now >= peerExpiry { state = .active }
    return state == .active
  }
}
