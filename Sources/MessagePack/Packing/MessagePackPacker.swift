import CMessagePack

/// Packs values into a growable buffer, one after the other.
///
/// ```swift
/// var packer = MessagePackPacker()
/// packer.packArrayHeader(2)
/// try packer.pack(1)
/// try packer.pack("two")
/// try packer.check()
/// packer.withUnsafeBytes { bytes in send(bytes) }
/// ```
///
/// The buffer is the thread's own scratch buffer when that is free, so that a small message costs no allocation. Headers
/// are the caller's promise: after `packArrayHeader(2)`, pack two values.
///
/// A failure (no memory, a length above 4 GiB) sticks: nothing more is written, and ``check()`` throws it. Call `check()`
/// once before the bytes are used.
public struct MessagePackPacker: ~Copyable {
  /// Nil while a Codable encoder works on the buffer, and when there was no memory for it.
  var buffer: UnsafeMutablePointer<packing_buffer>?

  /// Whether large values may stay where they are. Only for whoever takes ``takeReferences()`` into account.
  package var keepsReferences = false
  private var references: [PackedReference] = []

  /// Creates an empty packer.
  ///
  /// - Parameter capacity: The room to reserve, in bytes. It grows when needed.
  public init(reservingCapacity capacity: Int = 256) {
    buffer = ThreadCache.takeBuffer()
    reserve(capacity)
  }

  init(adopting buffer: UnsafeMutablePointer<packing_buffer>?) {
    self.buffer = buffer
  }

  deinit {
    if let buffer { ThreadCache.giveBack(buffer) }
  }

  /// The number of bytes that were packed so far.
  public var count: Int {
    guard let buffer else { return 0 }
    return Int(buffer.pointee.count)
  }

  /// The number of bytes of the whole message, with those that stay where they are.
  package var messageSize: Int { references.reduce(count) { $0 + $1.bytes.count } }

  /// Hands over the values that are not among the packed bytes, in their order.
  package mutating func takeReferences() -> [PackedReference] {
    defer { references = [] }
    return references
  }

  /// Packs a binary value that stays where it is; false, with nothing done, if it has to be copied.
  ///
  /// - Parameter owner: What keeps the bytes alive and unchanged.
  mutating func packReference(to bytes: UnsafeRawBufferPointer, of owner: () -> any AnyObject & Sendable) -> Bool {
    guard keepsReferences, bytes.count >= PackedReference.threshold, let buffer else { return false }
    packing_buffer_binary_header(buffer, bytes.count)
    if buffer.pointee.failure == 0 {
      references.append(PackedReference(position: count, bytes: bytes, owner: owner()))
    }
    return true
  }

  /// The number of containers that will stand around what is packed, and that this packer does not know of.
  ///
  /// They count towards ``MessagePackParser/maximumDepth``, which receivers enforce: values that would be too deep for them
  /// are refused when they are packed.
  public var enclosingDepth: Int {
    get {
      guard let buffer else { return 0 }
      return Int(buffer.pointee.enclosing_depth)
    }
    set {
      buffer?.pointee.enclosing_depth = Int32(clamping: newValue)
    }
  }

  /// Makes room for more bytes.
  ///
  /// - Parameter additional: How many bytes are about to be packed.
  public mutating func reserve(_ additional: Int) {
    guard let buffer, additional > 0 else { return }
    packing_buffer_reserve(buffer, additional)
  }

  /// Throws the failure of an earlier call that does not throw itself.
  ///
  /// - Throws: A ``MessagePackError`` of code `outOfMemory`, or `outOfRange` when a length exceeds MessagePack's 32 bits.
  public func check() throws(MessagePackError) {
    guard let buffer else { throw Self.outOfMemory }
    if buffer.pointee.failure != 0 { throw Self.failure(buffer.pointee.failure) }
  }

  static var outOfMemory: MessagePackError {
    MessagePackError(code: .outOfMemory, message: "no memory to pack the message; send less at once")
  }

  private static func failure(_ status: Int32) -> MessagePackError {
    guard status == Int32(packing_failure_size) else { return outOfMemory }
    return MessagePackError(
      code: .outOfRange,
      message: "MessagePack holds at most 4294967295 bytes or elements in one value; send it in parts")
  }

  /// Forgets the bytes behind a mark, and a failure that happened there.
  ///
  /// - Parameter count: The ``count`` to go back to. A count that is not behind changes nothing.
  public mutating func truncate(to count: Int) {
    guard let buffer, count >= 0, count <= self.count else { return }
    buffer.pointee.count = Int(count)
    buffer.pointee.failure = 0
    references.removeAll { $0.position > count }
  }

  /// Calls a closure with the bytes that were packed so far.
  ///
  /// - Parameter body: The closure. The bytes are valid only until it returns.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(UnsafeRawBufferPointer(start: buffer?.pointee.base, count: count))
  }

  /// Calls a closure with the bytes that were packed so far, to change some in place.
  ///
  /// - Parameter body: The closure. The bytes are valid only until it returns.
  /// - Returns: What the closure returns.
  /// - Throws: What the closure throws.
  public mutating func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> R
  ) rethrows -> R {
    try body(UnsafeMutableRawBufferPointer(start: buffer?.pointee.base, count: count))
  }

  /// Makes room for a large value at once, in memory that was used before if possible.
  ///
  /// - Parameter length: The length of the value's body; there will be room for its header too.
  mutating func makeLargeRoom(_ length: Int) {
    guard let buffer, buffer.pointee.failure == 0, length <= UInt32.max else { return }
    let count = Int(buffer.pointee.count)
    // Doubling what is there as well, or many large values in one message would be copied again and again.
    guard Int(buffer.pointee.capacity) - count < length + 8,
      let room = LargeBufferPool.take(max(count + length + 8, count * 2))
    else { return }
    if let old = buffer.pointee.base {
      room.base.copyMemory(from: old, byteCount: count)
      LargeBufferPool.give(old, capacity: Int(buffer.pointee.capacity))
    }
    buffer.pointee.base = room.base.assumingMemoryBound(to: CChar.self)
    buffer.pointee.capacity = room.capacity
  }

  /// Hands over the bytes without copying them, in memory that goes back to ``LargeBufferPool``.
  package consuming func takePooledBuffer() -> (base: UnsafeMutableRawPointer, count: Int, capacity: Int) {
    let capacity = buffer.map { Int($0.pointee.capacity) } ?? 0
    let (base, count) = takeBuffer()
    return (base, count, capacity)
  }

  /// Hands over the bytes without copying them.
  ///
  /// - Returns: Memory from `malloc`, which the caller frees with `free`, and the number of bytes in it.
  public consuming func takeBuffer() -> (base: UnsafeMutableRawPointer, count: Int) {
    guard let buffer, let base = buffer.pointee.base else {
      return (UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1), 0)
    }
    let count = Int(buffer.pointee.count)
    buffer.pointee.base = nil
    buffer.pointee.count = 0
    buffer.pointee.capacity = 0
    return (UnsafeMutableRawPointer(base), count)
  }
}

// A raw pointer into a buffer that only one thread at a time may use.
@available(*, unavailable)
extension MessagePackPacker: Sendable {}

extension MessagePackPacker {
  /// Moves the bytes from an offset on, to make or take away room in front of them.
  ///
  /// - Returns: False, with nothing done, if there is no memory or the offset is not in the bytes.
  mutating func shift(from offset: Int, by distance: Int) -> Bool {
    guard let buffer, offset >= 0, offset <= count, offset + distance >= 0 else { return false }
    let moved = count - offset
    if distance > 0 {
      packing_buffer_reserve(buffer, distance)
      guard Int(buffer.pointee.capacity - buffer.pointee.count) >= distance else { return false }
    }
    guard let base = buffer.pointee.base else { return distance == 0 }
    UnsafeMutableRawPointer(base + offset + distance).copyMemory(from: base + offset, byteCount: moved)
    buffer.pointee.count = Int(buffer.pointee.count) + distance
    return true
  }
}
