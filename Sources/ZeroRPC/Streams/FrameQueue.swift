internal import ZeroMQ

/// Queues received frames in a ring, each with the place where its arguments begin, without an allocation per frame.
struct FrameQueue: ~Copyable {
  private struct Slot: ~Copyable {
    var frame = Frame()
    var arguments = 0
  }

  private var slots: UnsafeMutableBufferPointer<Slot> = UnsafeMutableBufferPointer(start: nil, count: 0)
  private var head = 0
  private(set) var count = 0

  init() {}

  deinit {
    for index in slots.indices { (slots.baseAddress.map { $0 + index })?.deinitialize(count: 1) }
    slots.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  /// Takes over a frame's content.
  mutating func append(_ frame: inout Frame, arguments: Int) {
    if count == slots.count { grow() }
    let index = (head + count) % slots.count
    slots[index].frame.take(&frame)
    slots[index].arguments = arguments
    count += 1
  }

  /// Moves the oldest frame's content to `frame` and returns where its arguments begin; nil when empty.
  mutating func popFirst(into frame: inout Frame) -> Int? {
    guard count > 0 else { return nil }
    frame.take(&slots[head].frame)
    let arguments = slots[head].arguments
    head = (head + 1) % slots.count
    count -= 1
    return arguments
  }

  /// Releases everything that is queued.
  mutating func removeAll() {
    while count > 0 {
      slots[head].frame.clear()
      head = (head + 1) % slots.count
      count -= 1
    }
  }

  private mutating func grow() {
    let larger = UnsafeMutableBufferPointer<Slot>.allocate(capacity: max(8, slots.count * 2))
    for offset in 0..<larger.count {
      if offset < count, let old = slots.baseAddress {
        (larger.baseAddress.map { $0 + offset })?.initialize(to: (old + (head + offset) % slots.count).move())
      } else {
        (larger.baseAddress.map { $0 + offset })?.initialize(to: Slot())
      }
    }
    slots.deallocate()
    slots = larger
    head = 0
  }
}
