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
final class EventBuffer: @unchecked Sendable {  // unchanged once it is sent; the memory is this object's own
  private let base: UnsafeMutableRawPointer?
  private let packedCount: Int
  private let capacity: Int
  /// Values that stand between the packed bytes, and lie elsewhere.
  private let references: [PackedReference]
  /// The size of the event, in bytes.
  let count: Int

  /// Takes over what was packed, without copying.
  init(_ packer: consuming MessagePackPacker) {
    references = packer.takeReferences()
    (base, packedCount, capacity) = packer.takePooledBuffer()
    count = references.reduce(packedCount) { $0 + $1.bytes.count }
  }

  /// Copies what was packed.
  init(copying packer: borrowing MessagePackPacker) {
    (base, packedCount) = packer.withUnsafeBytes(EventBuffer.copy)
    (capacity, count, references) = (packedCount, packedCount, [])
  }

  /// Copies bytes.
  init(copying bytes: UnsafeRawBufferPointer) {
    (base, packedCount) = EventBuffer.copy(bytes)
    (capacity, count, references) = (packedCount, packedCount, [])
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

  /// Calls a closure with the packed bytes, to fill in ids. Only before the event is sent.
  func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    body(UnsafeMutableRawBufferPointer(start: base, count: packedCount))
  }

  private var packed: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: packedCount) }

  /// Sends the event as the last frame of a message: a large one without copying it, otherwise by copying.
  func send(on socket: SocketHandle) -> SocketHandle.Outcome {
    if !references.isEmpty {
      return socket.send(packed, inserting: references.map { ($0.position, $0.bytes) }, ownedBy: self, more: false)
    }
    if count < ClientConnection.zeroCopyThreshold { return socket.send(packed, more: false) }
    return socket.send(packed, ownedBy: self, more: false)
  }
}
