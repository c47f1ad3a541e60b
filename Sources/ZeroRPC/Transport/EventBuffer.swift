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

  /// Takes over what was packed, without copying.
  init(_ packer: consuming MessagePackPacker) {
    (base, count) = packer.takeBuffer()
  }

  /// Copies what was packed.
  init(copying packer: borrowing MessagePackPacker) {
    (base, count) = packer.withUnsafeBytes { bytes in
      guard let memory = malloc(max(1, bytes.count)) else { return (nil, 0) }
      if let source = bytes.baseAddress { memcpy(memory, source, bytes.count) }
      return (memory, bytes.count)
    }
  }

  /// Copies bytes.
  init(copying bytes: UnsafeRawBufferPointer) {
    base = malloc(max(1, bytes.count))
    count = base == nil ? 0 : bytes.count
    if let base, let source = bytes.baseAddress { memcpy(base, source, bytes.count) }
  }

  deinit { free(base) }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}
