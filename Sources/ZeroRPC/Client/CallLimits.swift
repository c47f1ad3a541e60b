internal import ZeroMQ

/// Says until when the parts of a call must have come. Times are nanoseconds of the loop's clock; `UInt64.max` is never.
struct CallLimits: Sendable {
  /// When the call was made.
  var start: UInt64
  /// When the first reply must have come.
  var firstReply: UInt64
  /// When a stream must have ended.
  var stream: UInt64 = .max
  /// How long the consumer waits for one item, in nanoseconds.
  var item: UInt64 = .max
  /// Whether `firstReply` is the deadline of the scope around the call.
  var isFirstReplyInherited = false
  /// Whether `stream` is the deadline of the scope around the call.
  var isStreamInherited = false
  /// Whether the server is told of `firstReply`: not when only the client's default limits the call.
  private var isAnnounced = false

  /// What a request's header says about the time that is left, in milliseconds.
  struct Announcement: Sendable, Equatable {
    var firstReply: Int64?
    var stream: Int64?
  }

  /// Limits a call by a time-out alone.
  @inline(__always)
  init(timeout: UInt64, now: UInt64) {
    start = now
    firstReply = CallLimits.deadline(timeout, after: now)
  }

  /// Limits a call by its options, what is configured, and the scope around it. Nil when no time is left.
  init?(
    _ options: RPCCallOptions, _ configured: RPCClientConfiguration, _ scope: CallScope?, isStream: Bool, now: UInt64
  ) {
    self.init(timeout: (options.timeout ?? configured.timeout).clampedNanoseconds, now: now)
    isAnnounced = options.timeout != nil
    if isStream {
      if let limit = options.streamTimeout ?? configured.streamTimeout {
        stream = CallLimits.deadline(limit.clampedNanoseconds, after: now)
      }
      if let limit = options.itemTimeout ?? configured.itemTimeout { item = max(1, limit.clampedNanoseconds) }
      if stream < firstReply {
        firstReply = stream
        isAnnounced = true
      }
    }
    if let inherited = scope?.deadline, inherited != .max {
      isAnnounced = true
      if inherited < firstReply {
        firstReply = inherited
        isFirstReplyInherited = true
      }
      if isStream, inherited < stream {
        stream = inherited
        isStreamInherited = true
      }
    }
    guard firstReply > now else { return nil }
  }

  /// What the server is told.
  var announcement: Announcement {
    Announcement(
      firstReply: isAnnounced ? milliseconds(until: firstReply) : nil, stream: milliseconds(until: stream))
  }

  /// Rounded up: a server must not give up before its caller does.
  private func milliseconds(until deadline: UInt64) -> Int64? {
    guard deadline != .max else { return nil }
    let (whole, rest) = (deadline - start).quotientAndRemainder(dividingBy: 1_000_000)
    return Int64(clamping: whole + (rest > 0 ? 1 : 0))
  }

  @inline(__always)
  static func deadline(_ duration: UInt64, after now: UInt64) -> UInt64 {
    let (deadline, overflow) = now.addingReportingOverflow(duration)
    return overflow ? .max : deadline
  }
}
