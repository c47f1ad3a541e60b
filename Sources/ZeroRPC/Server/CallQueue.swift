/// Queues calls first-in first-out in a ring that grows and is reused.
struct CallQueue: Sendable {
  private var slots: [RPCServerCall?] = Array(repeating: nil, count: 64)
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ call: RPCServerCall) {
    if count == slots.count { grow() }
    slots[(head &+ count) & (slots.count &- 1)] = call
    count &+= 1
  }

  mutating func popFirst() -> RPCServerCall? {
    while count > 0 {
      let call = slots[head]
      slots[head] = nil
      head = (head &+ 1) & (slots.count &- 1)
      count &-= 1
      // Removed ones leave a gap.
      if let call { return call }
    }
    return nil
  }

  mutating func remove(_ call: RPCServerCall) {
    for offset in 0..<count where slots[(head + offset) & (slots.count - 1)] === call {
      slots[(head + offset) & (slots.count - 1)] = nil
      return
    }
  }

  private mutating func grow() {
    var larger: [RPCServerCall?] = []
    larger.reserveCapacity(slots.count * 2)
    for offset in 0..<count { larger.append(slots[(head &+ offset) & (slots.count &- 1)]) }
    larger.append(contentsOf: repeatElement(nil, count: slots.count * 2 - count))
    slots = larger
    head = 0
  }
}
