import CMessagePack

// None of these is inlinable: each is a handful of stores, and clients need not see the C library.
extension MessagePackPacker {
  /// Packs nil.
  public mutating func packNil() {
    if let buffer { packing_buffer_nil(buffer) }
  }

  /// Packs a Boolean.
  ///
  /// - Parameter value: The Boolean.
  public mutating func packBool(_ value: Bool) {
    if let buffer { packing_buffer_bool(buffer, value) }
  }

  /// Packs an integer in the shortest format that holds it.
  ///
  /// - Parameter value: The integer.
  public mutating func packInteger(_ value: Int64) {
    if let buffer { packing_buffer_int64(buffer, value) }
  }

  /// Packs an integer in the shortest format that holds it.
  ///
  /// - Parameter value: The integer.
  public mutating func packInteger(_ value: UInt64) {
    if let buffer { packing_buffer_uint64(buffer, value) }
  }

  /// Packs a floating-point number in 64 bits, the only format that Python and JavaScript peers have.
  ///
  /// - Parameter value: The number. NaN and infinities travel.
  public mutating func packDouble(_ value: Double) {
    if let buffer { packing_buffer_double(buffer, value) }
  }

  /// Begins an array. Pack its elements next.
  ///
  /// - Parameter count: How many elements follow.
  public mutating func packArrayHeader(_ count: Int) {
    if let buffer { packing_buffer_array(buffer, size(count)) }
  }

  /// Begins a map. Pack its keys and values next, in turn.
  ///
  /// - Parameter count: How many pairs follow.
  public mutating func packMapHeader(_ count: Int) {
    if let buffer { packing_buffer_map(buffer, size(count)) }
  }

  /// Packs a string.
  ///
  /// - Parameter value: The string.
  public mutating func packString(_ value: String) {
    var value = value
    value.withUTF8 { packString(utf8: UnsafeRawBufferPointer($0)) }
  }

  /// Packs a string that is at hand as UTF-8.
  ///
  /// - Parameter bytes: The string's bytes. They are not checked: a peer drops a message with a string that is not UTF-8.
  public mutating func packString(utf8 bytes: UnsafeRawBufferPointer) {
    guard let buffer else { return }
    if bytes.count >= LargeBufferPool.threshold { makeLargeRoom(bytes.count) }
    packing_buffer_string(buffer, bytes.baseAddress, bytes.count)
  }

  /// Packs binary data.
  ///
  /// - Parameter bytes: The data.
  public mutating func packBinary(_ bytes: UnsafeRawBufferPointer) {
    guard let buffer else { return }
    if bytes.count >= LargeBufferPool.threshold { makeLargeRoom(bytes.count) }
    packing_buffer_binary(buffer, bytes.baseAddress, bytes.count)
  }

  /// Packs an extension value.
  ///
  /// - Parameters:
  ///   - type: The extension's type. Negative ones are reserved by MessagePack; -1 is a timestamp.
  ///   - bytes: Its data.
  public mutating func packExtension(type: Int8, _ bytes: UnsafeRawBufferPointer) {
    if let buffer { packing_buffer_extension(buffer, type, bytes.baseAddress, bytes.count) }
  }

  /// Packs a timestamp (extension type -1) in the shortest of its three formats.
  ///
  /// - Parameters:
  ///   - seconds: Whole seconds since 1970-01-01 UTC; negative before.
  ///   - nanoseconds: What is to be added to them, below 1,000,000,000.
  public mutating func packTimestamp(seconds: Int64, nanoseconds: UInt32) {
    if let buffer { packing_buffer_timestamp(buffer, seconds, nanoseconds) }
  }

  /// Appends bytes that are MessagePack already.
  ///
  /// - Parameter bytes: One or more complete values. They are not checked.
  public mutating func appendRaw(_ bytes: UnsafeRawBufferPointer) {
    if let buffer { _ = packing_buffer_write(buffer, bytes.baseAddress, bytes.count) }
  }

  /// Turns a negative count into one that is too large, so that it fails instead of trapping.
  private func size(_ count: Int) -> Int {
    count < 0 ? .max : count
  }
}
