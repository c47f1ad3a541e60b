extension MessagePackView {
  @inlinable
  @inline(__always)
  func signed<T: FixedWidthInteger & SignedInteger>(_ type: T.Type) throws -> T {
    if let wide = int64Value, let value = T(exactly: wide) { return value }
    throw integerMismatch(String(describing: T.self), "\(T.min)", "\(T.max)")
  }

  @inlinable
  @inline(__always)
  func unsigned<T: FixedWidthInteger & UnsignedInteger>(_ type: T.Type) throws -> T {
    if let wide = uint64Value, let value = T(exactly: wide) { return value }
    throw integerMismatch(String(describing: T.self), "\(T.min)", "\(T.max)")
  }

  @usableFromInline
  @inline(never)
  func integerMismatch(_ type: String, _ min: String, _ max: String) -> MessagePackError {
    var error = mismatch(expected: type, advice: "send a whole number from \(min) to \(max)")
    // A whole number, whatever its format, has the right type: it is only too large.
    let double = kind == .double ? doubleValue ?? .nan : .nan
    if kind == .integer || (double.isFinite && double.rounded(.towardZero) == double) { error.code = .outOfRange }
    return error
  }
}

extension Int: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(Int64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Int {
    try view.signed(Int.self)
  }
}

extension Int8: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(Int64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Int8 {
    try view.signed(Int8.self)
  }
}

extension Int16: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(Int64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Int16 {
    try view.signed(Int16.self)
  }
}

extension Int32: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(Int64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Int32 {
    try view.signed(Int32.self)
  }
}

extension Int64: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(self)
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Int64 {
    try view.signed(Int64.self)
  }
}

extension UInt: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(UInt64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> UInt {
    try view.unsigned(UInt.self)
  }
}

extension UInt8: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(UInt64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> UInt8 {
    try view.unsigned(UInt8.self)
  }
}

extension UInt16: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(UInt64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> UInt16 {
    try view.unsigned(UInt16.self)
  }
}

extension UInt32: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(UInt64(self))
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> UInt32 {
    try view.unsigned(UInt32.self)
  }
}

extension UInt64: MessagePackEncodable, MessagePackDecodable {
  /// Packs the integer in the shortest format that holds it.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packInteger(self)
  }

  /// Unpacks an integer, also from a floating-point number without fraction.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> UInt64 {
    try view.unsigned(UInt64.self)
  }
}
