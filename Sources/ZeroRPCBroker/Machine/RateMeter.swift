/// Measures how often something happens per second, over the last whole second or so.
package struct RateMeter: Sendable {
  private static let window: UInt64 = 1_000_000_000

  private var start: UInt64
  private var count: UInt64 = 0
  private var last: Double = 0

  package init(now: UInt64) { start = now }

  /// Notes that it happened.
  package mutating func note(now: UInt64) {
    if now &- start >= RateMeter.window { roll(now) }
    count += 1
  }

  private mutating func roll(_ now: UInt64) {
    let elapsed = now &- start
    // What happened before a long silence says nothing about the last second.
    last = elapsed < 3 * RateMeter.window ? Double(count) * 1e9 / Double(elapsed) : 0
    start = now
    count = 0
  }

  /// Events per second.
  package mutating func rate(now: UInt64) -> Double {
    if now &- start >= RateMeter.window { roll(now) }
    return last
  }
}
