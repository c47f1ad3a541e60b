internal import MessagePack
internal import ZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Owns the bytes of an event that has to wait until its peer can take it.
final class EventBuffer: @unchecked Sendable {  // immutable after init; the memory is this object's own
  private let base: UnsafeMutableRawPointer?
  let count: Int
  private let capacity: Int

  /// Takes over what was packed, without copying.
  init(_ packer: consuming MessagePackPacker) {
    (base, count, capacity) = packer.takePooledBuffer()
  }

  /// Copies what was packed.
  init(copying packer: borrowing MessagePackPacker) {
    (base, count) = packer.withUnsafeBytes(EventBuffer.copy)
    capacity = count
  }

  /// Copies bytes.
  init(copying bytes: UnsafeRawBufferPointer) {
    (base, count) = EventBuffer.copy(bytes)
    capacity = count
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer) -> (UnsafeMutableRawPointer?, Int) {
    guard let memory = malloc(max(1, bytes.count)) else { return (nil, 0) }
    if let source = bytes.baseAddress { memcpy(memory, source, bytes.count) }
    return (memory, bytes.count)
  }

  /// Often on libzmq's I/O thread, when the bytes have been written to the network.
  deinit {
    if let base { LargeBufferPool.give(base, capacity: capacity) }
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}
