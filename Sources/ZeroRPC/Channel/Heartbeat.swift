/// Sends heartbeats and judges the peer's, for one channel: a state machine without a clock or a socket.
///
/// The rules are those of the reference (PROTOCOL 1.4): the first heartbeat goes out one interval after the channel
/// opened; heartbeats refresh liveness; a peer whose last heartbeat is older than two intervals at a tick is lost,
/// and one that never sent any is lost at the third tick.
package struct Heartbeat: Sendable {
  /// Says what a tick asks for.
  package enum Tick: Sendable, Equatable {
    case none
    case send
    case lost
  }

  /// Nanoseconds between heartbeats; 0 switches sending and judging off.
  package let interval: UInt64
  /// When the next tick is due; `UInt64.max` for never.
  package private(set) var nextTick: UInt64
  private var lastHeard: UInt64 = 0
  /// Whether the peer has ever sent a heartbeat.
  private var hasHeard = false

  /// Starts at `now`. A passive one starts at the peer's first heartbeat instead.
  package init(interval: UInt64, isPassive: Bool = false, now: UInt64) {
    self.interval = interval
    nextTick = interval == 0 || isPassive ? .max : now &+ interval
  }

  /// Notes a heartbeat of the peer.
  package mutating func heard(now: UInt64) {
    guard interval != 0 else { return }
    lastHeard = now
    hasHeard = true
    if nextTick == .max { nextTick = now &+ interval }
  }

  /// Notes another sign of life of a peer that has sent heartbeats: on a slow way the next can be late, behind what it sent
  /// before. Of one that never sent any, nothing else counts, as in the reference.
  package mutating func seen(now: UInt64) {
    if hasHeard { lastHeard = max(lastHeard, now) }
  }

  /// Lets a tick pass without sending or judging: the peer does not know of the channel yet. It is judged from here on.
  package mutating func postpone(now: UInt64) {
    guard now >= nextTick else { return }
    nextTick = now &+ interval
    lastHeard = 0
  }

  /// Acts on time; call it at or after ``nextTick``.
  package mutating func tick(now: UInt64) -> Tick {
    guard now >= nextTick else { return .none }
    let lateness = now - nextTick
    // After a late tick the next is a whole interval away: a burst of heartbeats helps nobody.
    nextTick = lateness > interval ? now &+ interval : nextTick &+ interval
    if lastHeard == 0 {
      // Counted from when the tick was due, so that the third one finds a mute peer whatever their latenesses.
      lastHeard = lateness > interval / 2 ? now : now - lateness
    } else if lateness > interval / 2 {
      // This process was stopped or starved: the peer's heartbeats may still be unread. Judge from now on.
      lastHeard = max(lastHeard, now &- interval)
    } else if now >= lastHeard &+ 2 &* interval {
      nextTick = .max
      return .lost
    }
    return .send
  }
}
