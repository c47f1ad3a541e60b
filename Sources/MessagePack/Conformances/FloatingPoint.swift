extension Double: MessagePackEncodable, MessagePackDecodable {
  /// Packs the number in 64 bits.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packDouble(self)
  }

  /// Unpacks a floating-point number, also from an integer.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Double {
    if let value = view.doubleValue { return value }
    throw view.mismatch(expected: "Double", advice: "send a number")
  }
}

extension Float: MessagePackEncodable, MessagePackDecodable {
  /// Packs the number in 64 bits, the only format that Python and JavaScript peers have.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packDouble(Double(self))
  }

  /// Unpacks a floating-point number, also from an integer. It is rounded to 32 bits.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Float {
    guard let wide = view.doubleValue else { throw view.mismatch(expected: "Float", advice: "send a number") }
    let value = Float(wide)
    if value.isInfinite && wide.isFinite {
      var error = view.mismatch(expected: "Float", advice: "send a number within ±3.4e38, or declare a Double")
      error.code = .outOfRange
      throw error
    }
    return value
  }
}
