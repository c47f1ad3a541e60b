internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#endif

/// Keeps large buffers for the next large message.
///
/// Memory that the system has just handed out costs a page fault for every 4 KiB, which takes longer than copying the
/// message into it. `malloc` gives large blocks back to the system as soon as they are freed, so they are kept here.
///
/// All blocks come from `malloc`: whoever gets one may as well `free` it.
package enum LargeBufferPool {
  /// From this capacity on a buffer is worth keeping, in bytes.
  package static let threshold = 64 * 1024
  /// The sum of all that is kept, in bytes.
  package static let maximumBytes = 64 * 1024 * 1024
  /// How long a buffer that nobody needs stays, in nanoseconds. It goes when another one comes or goes.
  private static let maximumIdle: UInt64 = 10_000_000_000

  private struct Block {
    let base: UnsafeMutableRawPointer
    let capacity: Int
    let since: UInt64
  }

  private struct Blocks: ~Copyable, @unchecked Sendable {  // the pointers are owned, and only used under the lock
    var kept: [Block] = []
    var bytes = 0
  }

  private static let blocks = Mutex(Blocks())

  /// The bytes that are kept at the moment.
  package static var keptBytes: Int { blocks.withLock { $0.bytes } }

  /// Takes a buffer that holds at least so many bytes, kept or new; nil when there is no memory.
  package static func take(_ count: Int) -> (base: UnsafeMutableRawPointer, capacity: Int)? {
    let reused: Block? = blocks.withLock { blocks in
      var best: Int?
      // The latest first: its memory is still in the processor's cache.
      for (index, block) in blocks.kept.enumerated().reversed() {
        // One that is far too large is better left for a message of its size.
        guard block.capacity >= count, block.capacity / 2 <= count else { continue }
        if let current = best, blocks.kept[current].capacity <= block.capacity { continue }
        best = index
      }
      guard let best else { return nil }
      let block = blocks.kept.remove(at: best)
      blocks.bytes -= block.capacity
      return block
    }
    if let reused { return (reused.base, reused.capacity) }
    // Room for the same message with a longer name or header, so that the block fits it too.
    let capacity = (count + 4_096 + 0xFFF) & ~0xFFF
    guard let base = malloc(capacity) else { return nil }
    return (base, capacity)
  }

  /// Takes back a block from `malloc`: keeps it or frees it.
  package static func give(_ base: UnsafeMutableRawPointer, capacity: Int) {
    guard capacity >= threshold, capacity <= maximumBytes / 2 else {
      free(base)
      return
    }
    let now = monotonicNanoseconds()
    let surplus: [Block] = blocks.withLock { blocks in
      var surplus: [Block] = []
      // The oldest stand first.
      while let oldest = blocks.kept.first,
        now &- oldest.since > maximumIdle || blocks.bytes + capacity > maximumBytes
      {
        surplus.append(blocks.kept.removeFirst())
        blocks.bytes -= oldest.capacity
      }
      blocks.kept.append(Block(base: base, capacity: capacity, since: now))
      blocks.bytes += capacity
      return surplus
    }
    for block in surplus { free(block.base) }
  }

  private static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}
