import CMessagePack

extension MessagePackView {
  /// The value as a signed integer, also from a floating-point number without fraction: Node sends those.
  ///
  /// Nil if it is anything else or does not fit.
  public var int64Value: Int64? {
    let object = pointer.pointee
    switch object.type {
    case MSGPACK_OBJECT_POSITIVE_INTEGER: return Int64(exactly: object.via.u64)
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: return object.via.i64
    case MSGPACK_OBJECT_FLOAT32, MSGPACK_OBJECT_FLOAT64: return Int64(exactly: object.via.f64)
    default: return nil
    }
  }

  /// The value as an unsigned integer, also from a floating-point number without fraction: Node sends those.
  ///
  /// Nil if it is anything else or does not fit.
  public var uint64Value: UInt64? {
    let object = pointer.pointee
    switch object.type {
    case MSGPACK_OBJECT_POSITIVE_INTEGER: return object.via.u64
    case MSGPACK_OBJECT_FLOAT32, MSGPACK_OBJECT_FLOAT64: return UInt64(exactly: object.via.f64)
    default: return nil
    }
  }

  /// The value as a floating-point number, also from an integer: Node sends 1.0 as 1.
  ///
  /// Nil if it is no number. An integer beyond 2^53 is rounded.
  public var doubleValue: Double? {
    let object = pointer.pointee
    switch object.type {
    case MSGPACK_OBJECT_FLOAT32, MSGPACK_OBJECT_FLOAT64: return object.via.f64
    case MSGPACK_OBJECT_POSITIVE_INTEGER: return Double(object.via.u64)
    case MSGPACK_OBJECT_NEGATIVE_INTEGER: return Double(object.via.i64)
    default: return nil
    }
  }

  /// The value as a Boolean. Nil if it is anything else.
  public var boolValue: Bool? {
    let object = pointer.pointee
    return object.type == MSGPACK_OBJECT_BOOLEAN ? object.via.boolean : nil
  }

  /// The value as a string, also from binary, which is what Python 2 sends for one.
  ///
  /// Nil if it is anything else or not UTF-8.
  public var stringValue: String? {
    guard let bytes = textBytes else { return nil }
    // `String(validating:as:)` would look up generic metadata, which takes longer than all the rest. Repairing what is not
    // UTF-8 always changes the bytes.
    var text = String(decoding: bytes, as: UTF8.self)
    return text.withUTF8({ Self.same($0, bytes) }) ? text : nil
  }

  /// Calls a closure with the bytes of a string or of binary, without copying them.
  ///
  /// - Parameter body: The closure. The bytes are valid as long as the view is.
  /// - Returns: What the closure returns; nil if the value is neither a string nor binary.
  /// - Throws: What the closure throws.
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R? {
    guard let bytes = textBytes else { return nil }
    return try body(UnsafeRawBufferPointer(bytes))
  }

  /// Calls a closure with the type and the bytes of an extension value, without copying them.
  ///
  /// - Parameter body: The closure. The bytes are valid as long as the view is.
  /// - Returns: What the closure returns; nil if the value is no extension value.
  /// - Throws: What the closure throws.
  public func withExtension<R>(_ body: (Int8, UnsafeRawBufferPointer) throws -> R) rethrows -> R? {
    let object = pointer.pointee
    guard object.type == MSGPACK_OBJECT_EXT else { return nil }
    let ext = object.via.ext
    return try body(ext.type, UnsafeRawBufferPointer(start: ext.ptr, count: Int(ext.size)))
  }

  /// Whether the value is a string or binary of exactly these bytes.
  ///
  /// - Parameter bytes: The bytes to compare with.
  /// - Returns: True if they are the same.
  public func textEquals(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let own = textBytes else { return false }
    return Self.same(own, bytes.assumingMemoryBound(to: UInt8.self))
  }

  static func same(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
    return memcmp(leftStart, rightStart, left.count) == 0
  }

  /// Whether the value is a string or binary of exactly this text.
  ///
  /// - Parameter text: The text to compare with.
  /// - Returns: True if it is the same.
  @inlinable
  public func textEquals(_ text: StaticString) -> Bool {
    guard text.hasPointerRepresentation else { return false }
    return textEquals(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// The bytes of a string or of binary.
  var textBytes: UnsafeBufferPointer<UInt8>? {
    let object = pointer.pointee
    switch object.type {
    case MSGPACK_OBJECT_STR:
      let string = object.via.str
      return Self.buffer(string.ptr, string.size)
    case MSGPACK_OBJECT_BIN:
      let binary = object.via.bin
      return Self.buffer(binary.ptr, binary.size)
    default:
      return nil
    }
  }

  private static func buffer(_ start: UnsafePointer<CChar>?, _ count: UInt32) -> UnsafeBufferPointer<UInt8> {
    // libmsgpack leaves any pointer for an empty string.
    guard count > 0, let start else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: start, count: Int(count)).assumingMemoryBound(to: UInt8.self)
  }
}
