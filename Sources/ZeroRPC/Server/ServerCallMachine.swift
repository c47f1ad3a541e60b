/// Follows one call from request to end, as the server sees it: a state machine without a clock or a socket.
package struct ServerCallMachine: Sendable {
  /// Says what an event means for the call.
  package enum Effect: Sendable, Equatable {
    /// Nothing: it was consumed here, or does not belong.
    case ignore
    /// The peer granted credit; a producer that waits may go on.
    case granted
    /// The peer does not wait for the answer any more.
    case cancelled
  }

  /// Says what the passing of time means for the call.
  package enum Tick: Sendable, Equatable {
    case none
    case sendHeartbeat
    case lost
    case timedOut
  }

  /// The protocol version of the request: 1 when it named none.
  package let version: Int
  private var heartbeat: Heartbeat
  private var credit = SendCredit()
  private var deadline: UInt64
  private let streamDeadline: UInt64
  /// Whether the call is over: nothing is sent or accepted any more.
  package private(set) var isEnded = false

  /// Starts a call that was accepted at `now`. All times are nanoseconds of one clock. From the first item of a stream on,
  /// `streamDeadline` counts instead of `deadline`.
  package init(
    version: Int, heartbeat interval: UInt64, deadline: UInt64 = .max, streamDeadline: UInt64 = .max, now: UInt64
  ) {
    self.version = version
    // A version 1 peer may know no heartbeats; it is watched from its first one on.
    heartbeat = Heartbeat(interval: interval, isPassive: version < 2, now: now)
    // A stream's deadline covers its first item too.
    self.deadline = min(deadline, streamDeadline)
    self.streamDeadline = streamDeadline
  }

  /// When ``tick(now:)`` wants to be called next.
  package var nextDue: UInt64 { isEnded ? .max : min(heartbeat.nextTick, deadline) }

  /// Takes an event of the channel; `number` is the integer that a grant or a version 2 heartbeat carries.
  package mutating func receive(
    _ name: EventName, number: Int64?, isCancellation: Bool, now: UInt64
  ) -> Effect {
    guard !isEnded else { return .ignore }
    if isCancellation {
      isEnded = true
      return .cancelled
    }
    switch name {
    case .heartbeat:
      heartbeat.heard(now: now)
      guard version == 2, let number, number > 0 else { return .ignore }
      credit.add(number)
      return .granted
    case .more:
      guard let number, number > 0 else { return .ignore }
      credit.add(number)
      return .granted
    default:
      return .ignore
    }
  }

  /// Spends the credit of one event; false when the peer has to grant some first.
  ///
  /// The deadline is that of the first reply: once an item was sent, heartbeats watch over the stream, and
  /// its own deadline if it has one.
  package mutating func spend() -> Bool {
    guard !isEnded, credit.spend() else { return false }
    deadline = streamDeadline
    return true
  }

  /// Events that may be sent now.
  package var availableCredit: Int { credit.available }

  /// Takes the passing of time.
  package mutating func tick(now: UInt64) -> Tick {
    guard !isEnded else { return .none }
    if now >= deadline {
      isEnded = true
      return .timedOut
    }
    switch heartbeat.tick(now: now) {
    case .none: return .none
    case .send: return .sendHeartbeat
    case .lost:
      isEnded = true
      return .lost
    }
  }

  /// Ends the call from this side. False if it had ended already.
  package mutating func end() -> Bool {
    guard !isEnded else { return false }
    isEnded = true
    return true
  }
}
