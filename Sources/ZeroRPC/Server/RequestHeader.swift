/// Keeps what a request's header says beyond its ids.
struct RequestHeader: Sendable {
  /// When the first reply must be out; `UInt64.max` is never.
  let deadline: UInt64
  /// When the stream must have ended, if the method returns one.
  let streamDeadline: UInt64
  /// How many entries are task context, and where the header stands in the request.
  let foreignEntries: Int
  /// Whether the caller waits for no answer.
  let isOneWay: Bool
  let range: Range<Int>

  init(_ layout: EventLayout, now: UInt64) {
    deadline = RequestHeader.deadline(layout.remainingMilliseconds, now)
    streamDeadline = RequestHeader.deadline(layout.streamMilliseconds, now)
    foreignEntries = layout.foreignEntries
    isOneWay = layout.isOneWay
    range = layout.header
  }

  /// Whether the handler's calls inherit nothing.
  @inline(__always)
  var isPlain: Bool { foreignEntries == 0 && deadline == .max && streamDeadline == .max }

  @inline(__always)
  private static func deadline(_ milliseconds: Int64?, _ now: UInt64) -> UInt64 {
    guard let milliseconds else { return .max }
    let (time, overflow) = now.addingReportingOverflow(UInt64(max(0, min(milliseconds, 1 << 40))) * 1_000_000)
    return overflow ? .max : time
  }
}
