internal import Dispatch
internal import Foundation
internal import Synchronization

/// When the machine kept programs from running that had a processor and something to do: the host ran another machine, the kernel did
/// something else. No call can avoid them.
package struct Stalls: Sendable {
  private var lengths: [UInt64] = []
  private let duration: UInt64

  /// Takes the stalls of several threads during a number of nanoseconds. One that overlaps another prolongs it: a call needs both
  /// its client and its server.
  package init(_ stalls: [Range<UInt64>], during duration: UInt64) {
    self.duration = duration
    var current: Range<UInt64>?
    for stall in stalls.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let open = current, stall.lowerBound <= open.upperBound {
        current = open.lowerBound..<max(open.upperBound, stall.upperBound)
      } else {
        if let current { lengths.append(UInt64(current.count)) }
        current = stall
      }
    }
    if let current { lengths.append(UInt64(current.count)) }
  }

  /// The wait in nanoseconds that a share of all moments do not exceed: what this percentile of calls would be that take no time at all.
  package func wait(share: Double) -> UInt64 {
    let allowed = (1 - share) * Double(duration)
    var (low, high) = (UInt64(0), lengths.max() ?? 0)
    while low < high {
      let middle = low + (high - low) / 2
      let beyond = lengths.reduce(0.0) { $0 + ($1 > middle ? Double($1 - middle) : 0) }
      if beyond > allowed { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Has one thread for each processor do nothing but look at the clock, and takes the moments when it could not.
  package static func measured(seconds: Double) -> Stalls {
    let start = MonotonicClock.nanoseconds
    let duration = UInt64(seconds * 1e9)
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let found = Mutex<[Range<UInt64>]>([])
    DispatchQueue.concurrentPerform(iterations: processors) { _ in
      let own = stalls(until: start + duration)
      found.withLock { $0 += own }
    }
    return Stalls(found.withLock { $0 }, during: duration)
  }

  private static func stalls(until end: UInt64) -> [Range<UInt64>] {
    // Below that it is the clock.
    let shortest: UInt64 = 2_000
    var stalls: [Range<UInt64>] = []
    stalls.reserveCapacity(10_000)
    var before = MonotonicClock.nanoseconds
    while before < end {
      let now = MonotonicClock.nanoseconds
      if now - before > shortest { stalls.append(before..<now) }
      before = now
    }
    return stalls
  }
}
