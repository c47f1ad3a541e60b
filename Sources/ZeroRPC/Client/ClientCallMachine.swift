/// Follows one call from request to end, as the client sees it: a state machine without a clock or a socket.
///
/// It sees every event and every tick of its channel and says what each means. After an ending effect the channel is
/// forgotten, so nothing is delivered twice.
package struct ClientCallMachine: Sendable {
  /// Says which kinds of answer the caller can take.
  package enum Expectation: Sendable {
    /// One value.
    case value
    /// A stream of items.
    case stream
    /// Whatever the peer answers.
    case either
  }

  /// Says what an event means for the call.
  package enum Effect: Sendable, Equatable {
    /// Nothing: it was consumed here, or does not belong.
    case ignore
    /// The call ends with the event's value.
    case endWithValue
    /// The call ends with the error that the event carries.
    case endWithError
    /// An item of the stream; the first one opens it.
    case item
    /// The stream ends.
    case endOfStream
    /// The peer broke the protocol; the call ends with this text.
    case violation(Violation)
  }

  /// Names how a peer broke the protocol.
  package enum Violation: Sendable, Equatable {
    case streamForValue
    case valueForStream
    case unknownAnswer
    case ignoredCredit
  }

  /// Says what the passing of time means for the call.
  package enum Tick: Sendable, Equatable {
    case none
    case sendHeartbeat
    case lost
    case timedOut
  }

  /// Says which of the deadlines has passed.
  package enum Expiry: Sendable, Equatable {
    /// That of the first reply.
    case firstReply
    /// That of the item which the consumer waits for.
    case item
    /// That of the whole stream.
    case stream
  }

  private let expectation: Expectation
  private var heartbeat: Heartbeat
  private var deadline: UInt64
  private let streamDeadline: UInt64
  private var itemDeadline = UInt64.max
  private var window: ReceiveWindow
  private var isStreaming = false
  private var isEnded = false

  /// Starts a call at `now`. All times are nanoseconds of one clock; a deadline of `UInt64.max` is none. From the first item
  /// on, `streamDeadline` counts instead of `deadline`.
  package init(
    expecting expectation: Expectation, heartbeat interval: UInt64, isPassive: Bool, window: Int, deadline: UInt64,
    streamDeadline: UInt64 = .max, now: UInt64
  ) {
    self.expectation = expectation
    heartbeat = Heartbeat(interval: interval, isPassive: isPassive, now: now)
    self.deadline = deadline
    self.streamDeadline = streamDeadline
    self.window = ReceiveWindow(size: window)
  }

  /// When ``tick(now:)`` wants to be called next.
  package var nextDue: UInt64 { isEnded ? .max : min(heartbeat.nextTick, min(deadline, itemDeadline)) }

  /// Which deadline has passed, once ``tick(now:)`` has said so.
  package private(set) var expiry = Expiry.firstReply

  /// Takes an event of the channel.
  package mutating func receive(_ name: EventName, now: UInt64) -> Effect {
    guard !isEnded else { return .ignore }
    switch name {
    case .heartbeat:
      heartbeat.heard(now: now)
      return .ignore
    case .more:
      // The request spent the client's only credit, and it sends nothing else that costs any.
      return .ignore
    case .ok where !isStreaming:
      isEnded = true
      return expectation == .stream ? .violation(.valueForStream) : .endWithValue
    case .error:
      isEnded = true
      return .endWithError
    case .stream where isStreaming || expectation != .value:
      if !isStreaming {
        // The time-out covers the first reply only; from here on heartbeats watch over the stream, unless it has
        // a deadline of its own.
        isStreaming = true
        deadline = streamDeadline
      }
      itemDeadline = .max
      heartbeat.seen(now: now)
      guard window.arrived() else {
        isEnded = true
        return .violation(.ignoredCredit)
      }
      return .item
    case .streamDone where isStreaming || expectation != .value:
      isEnded = true
      return .endOfStream
    case .stream, .streamDone:
      isEnded = true
      return .violation(.streamForValue)
    case .ok, .method:
      isEnded = true
      // The reference ends a stream silently at any other name; so do we.
      return isStreaming ? .endOfStream : .violation(.unknownAnswer)
    }
  }

  /// Takes the passing of time.
  ///
  /// - Parameter isHeldUp: whether the request has not been sent though the peer lives, because others are before it. Then
  ///   only the deadline counts.
  package mutating func tick(now: UInt64, isHeldUp: Bool = false) -> Tick {
    guard !isEnded else { return .none }
    if now >= min(deadline, itemDeadline) {
      isEnded = true
      expiry = !isStreaming ? .firstReply : now >= deadline ? .stream : .item
      return .timedOut
    }
    if isHeldUp {
      heartbeat.postpone(now: now)
      return .none
    }
    switch heartbeat.tick(now: now) {
    case .none: return .none
    case .send: return .sendHeartbeat
    case .lost:
      isEnded = true
      return .lost
    }
  }

  /// The interval of heartbeats, in nanoseconds; 0 without any.
  package var heartbeatInterval: UInt64 { heartbeat.interval }

  /// Notes that the consumer asks for an item; returns the credit to grant the peer first, if any.
  package mutating func pull() -> Int? { window.pull(isOpen: !isEnded) }

  /// Notes that the consumer waits for an item that must come before a deadline.
  package mutating func awaitItem(until deadline: UInt64) { itemDeadline = deadline }

  /// Notes that the consumer took an item.
  package mutating func took() { window.took() }

  /// Ends the call from this side. False if it had ended already.
  package mutating func end() -> Bool {
    guard !isEnded else { return false }
    isEnded = true
    return true
  }
}
