internal import Synchronization

/// Queues jobs first-in first-out in a ring that grows and is reused.
struct JobRing: Sendable {
  private var slots: [UnownedJob?] = Array(repeating: nil, count: 256)
  private var head = 0
  private(set) var count = 0

  mutating func append(_ job: UnownedJob) {
    if count == slots.count { grow() }
    slots[(head &+ count) & (slots.count &- 1)] = job
    count &+= 1
  }

  mutating func popFirst() -> UnownedJob? {
    guard count > 0 else { return nil }
    let job = slots[head]
    head = (head &+ 1) & (slots.count &- 1)
    count &-= 1
    return job
  }

  /// Takes the job behind `offset` others, in whose stead the first one moves up.
  mutating func pop(at offset: Int) -> UnownedJob? {
    guard offset < count else { return nil }
    slots.swapAt(head, (head &+ offset) & (slots.count &- 1))
    return popFirst()
  }

  private mutating func grow() {
    var larger: [UnownedJob?] = []
    larger.reserveCapacity(slots.count * 2)
    for offset in 0..<count { larger.append(slots[(head &+ offset) & (slots.count &- 1)]) }
    larger.append(contentsOf: repeatElement(nil, count: slots.count * 2 - count))
    slots = larger
    head = 0
  }
}
