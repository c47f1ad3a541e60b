/// Queues elements first-in first-out in a ring that grows and is reused.
struct Ring<Element: Sendable>: Sendable {
  private var slots: [Element?] = Array(repeating: nil, count: 256)
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ element: Element) {
    if count == slots.count { grow() }
    slots[(head &+ count) & (slots.count &- 1)] = element
    count &+= 1
  }

  mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = slots[head].take()
    head = (head &+ 1) & (slots.count &- 1)
    count &-= 1
    return element
  }

  /// The element behind `offset` others.
  func peek(at offset: Int) -> Element? {
    offset < count ? slots[(head &+ offset) & (slots.count &- 1)] : nil
  }

  /// Takes the element behind `offset` others, in whose stead the first one moves up.
  mutating func pop(at offset: Int) -> Element? {
    guard offset < count else { return nil }
    slots.swapAt(head, (head &+ offset) & (slots.count &- 1))
    return popFirst()
  }

  private mutating func grow() {
    var larger: [Element?] = []
    larger.reserveCapacity(slots.count * 2)
    for offset in 0..<count { larger.append(slots[(head &+ offset) & (slots.count &- 1)]) }
    larger.append(contentsOf: repeatElement(nil, count: slots.count * 2 - count))
    slots = larger
    head = 0
  }
}
