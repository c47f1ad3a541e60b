internal import MessagePack
internal import ZeroMQ

/// Collects small events that are sent together at the end of the leader's turn.
///
/// libzmq's I/O thread wakes at the first message of a burst; when the rest follows at once, it writes them to the network
/// together. Sent one by one between jobs, each would cost a wake and a system call of its own. The buffers are reused, so
/// that a steady stream of events allocates nothing.
struct Cork<Address: Sendable>: ~Copyable {
  private var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var used = 0
  private var entries: [Entry] = []

  // Not a tuple: those are copied and destroyed through their type's description.
  private struct Entry {
    let address: Address
    let start: Int
    let count: Int
  }

  init() {}

  deinit { bytes.deallocate() }

  var isEmpty: Bool { entries.isEmpty }

  /// The number of events that wait.
  var count: Int { entries.count }

  /// The size of everything that waits.
  var byteCount: Int { used }

  /// Copies an event behind those that wait.
  mutating func append(_ packer: borrowing MessagePackPacker, to address: Address) {
    packer.withUnsafeBytes { event in
      if used + event.count > bytes.count { grow(to: used + event.count) }
      UnsafeMutableRawBufferPointer(rebasing: bytes[used..<(used + event.count)]).copyMemory(from: event)
      entries.append(Entry(address: address, start: used, count: event.count))
      used += event.count
    }
  }

  /// Hands out all events in order and forgets them.
  mutating func drain(_ send: (Address, UnsafeMutableRawBufferPointer) -> Void) {
    for entry in entries {
      send(entry.address, UnsafeMutableRawBufferPointer(rebasing: bytes[entry.start..<(entry.start + entry.count)]))
    }
    entries.removeAll(keepingCapacity: true)
    used = 0
  }

  private mutating func grow(to count: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(8_192, count * 2), alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<used]))
    bytes.deallocate()
    bytes = larger
  }
}
