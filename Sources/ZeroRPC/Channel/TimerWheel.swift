/// Keeps one timer per channel in a hashed wheel: setting and cancelling are constant-time and allocate nothing.
///
/// Times are nanoseconds of one clock that the caller passes in. Timers fire exactly, never early: a bucket only narrows
/// the search. Keys are small integers (channel slots).
package struct TimerWheel: Sendable {
  private struct Node {
    var next: Int32 = -1
    var previous: Int32 = -1
    var bucket: Int16 = -1
    var due: UInt64 = 0
  }

  private static let bucketCount = 256
  private static let shift: UInt64 = 24  // 16.8 ms a bucket, 4.3 s a round

  private var heads = [Int32](repeating: -1, count: TimerWheel.bucketCount)
  private var nodes: [Node] = []
  private var cursor: UInt64 = 0
  /// The number of timers that are set.
  package private(set) var count = 0
  /// No timer is due before this time; `UInt64.max` when none is set.
  package private(set) var earliest: UInt64 = .max

  /// Makes a wheel without timers.
  package init() {}

  /// Sets or moves the timer of a key; a time of `UInt64.max` cancels it.
  package mutating func set(_ key: Int, due: UInt64) {
    while nodes.count <= key { nodes.append(Node()) }
    if nodes[key].bucket >= 0 { unlink(key) }
    guard due != .max else {
      if count == 0 { earliest = .max }
      return
    }
    if count == 0 { cursor = min(cursor, due >> TimerWheel.shift) }
    // What is overdue goes where the next search begins.
    let tick = max(due >> TimerWheel.shift, cursor)
    let bucket = Int(tick & UInt64(TimerWheel.bucketCount - 1))
    let head = heads[bucket]
    nodes[key] = Node(next: head, previous: -1, bucket: Int16(bucket), due: due)
    if head >= 0 { nodes[Int(head)].previous = Int32(key) }
    heads[bucket] = Int32(key)
    count += 1
    if due < earliest { earliest = due }
  }

  /// Cancels the timer of a key, if it is set.
  package mutating func cancel(_ key: Int) {
    guard key < nodes.count, nodes[key].bucket >= 0 else { return }
    unlink(key)
    if count == 0 { earliest = .max }
  }

  private mutating func unlink(_ key: Int) {
    let node = nodes[key]
    if node.previous >= 0 {
      nodes[Int(node.previous)].next = node.next
    } else {
      heads[Int(node.bucket)] = node.next
    }
    if node.next >= 0 { nodes[Int(node.next)].previous = node.previous }
    nodes[key].bucket = -1
    count -= 1
  }

  /// Removes and returns the key of a timer that is due at `now`, or nil; then ``earliest`` is exact.
  package mutating func popDue(now: UInt64) -> Int? {
    guard count > 0, earliest <= now else { return nil }
    let nowTick = now >> TimerWheel.shift
    let span = min(nowTick &- min(cursor, nowTick), UInt64(TimerWheel.bucketCount - 1))
    var tick = nowTick &- span
    while tick <= nowTick {
      var key = heads[Int(tick & UInt64(TimerWheel.bucketCount - 1))]
      while key >= 0 {
        let node = nodes[Int(key)]
        if node.due <= now {
          unlink(Int(key))
          if count == 0 { earliest = .max }
          return Int(key)
        }
        key = node.next
      }
      tick += 1
    }
    cursor = nowTick
    findEarliest(from: nowTick)
    return nil
  }

  private mutating func findEarliest(from start: UInt64) {
    var best = UInt64.max
    for offset in 0..<UInt64(TimerWheel.bucketCount) {
      let tick = start + offset
      var key = heads[Int(tick & UInt64(TimerWheel.bucketCount - 1))]
      var isInThisRound = false
      while key >= 0 {
        let node = nodes[Int(key)]
        best = min(best, node.due)
        if node.due >> TimerWheel.shift <= tick { isInThisRound = true }
        key = node.next
      }
      // Buckets further on hold only later timers, or later rounds of this one.
      if isInThisRound { break }
    }
    earliest = best
  }
}
