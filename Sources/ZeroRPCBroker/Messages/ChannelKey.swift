/// Builds the key of a channel in a buffer that is reused: the frames of the client's envelope, each behind its length, and the
/// channel's id with its MessagePack type.
struct ChannelKey: ~Copyable {
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)
  private var count = 0

  init() {}

  deinit { buffer.deallocate() }

  /// Forgets what was built.
  mutating func clear() { count = 0 }

  /// Adds a frame of the envelope.
  mutating func append(hop bytes: UnsafeRawBufferPointer) {
    if bytes.count < 0xFE {
      append(byte: UInt8(bytes.count))
    } else {
      append(byte: 0xFE)
      withUnsafeBytes(of: UInt64(bytes.count)) { append($0) }
    }
    append(bytes)
  }

  /// Adds the id and ends the key.
  mutating func append(id bytes: UnsafeRawBufferPointer) {
    append(byte: 0xFF)
    append(bytes)
  }

  /// The key; valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]) }

  private mutating func append(byte: UInt8) {
    reserve(1)
    buffer[count] = byte
    count += 1
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: buffer[count..<(count + bytes.count)]).copyMemory(from: bytes)
    count += bytes.count
  }

  private mutating func reserve(_ more: Int) {
    guard count + more > buffer.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: (count + more) * 2, alignment: 8)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
    buffer.deallocate()
    buffer = larger
  }
}
