extension Bool: MessagePackEncodable, MessagePackDecodable {
  /// Packs the Boolean.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packBool(self)
  }

  /// Unpacks a Boolean, and nothing else: 0 and 1 are numbers.
  @inlinable
  public static func unpack(from view: MessagePackView) throws -> Bool {
    if let value = view.boolValue { return value }
    throw view.mismatch(expected: "Bool", advice: "send true or false")
  }
}

extension String: MessagePackEncodable, MessagePackDecodable {
  /// Packs the string.
  @inlinable
  public func pack(into packer: inout MessagePackPacker) {
    packer.packString(self)
  }

  /// Unpacks a string, also from binary that is UTF-8: Python 2 sends its plain strings so.
  public static func unpack(from view: MessagePackView) throws -> String {
    if let value = view.stringValue { return value }
    switch view.kind {
    case .string:
      throw MessagePackError(
        code: .invalidUTF8, message: "expected String, found a string that is not UTF-8; encode it as UTF-8")
    case .binary:
      var error = view.mismatch(expected: "String", advice: "send a string, or declare Data for bytes")
      error.code = .invalidUTF8
      throw error
    default:
      throw view.mismatch(expected: "String", advice: "send a string")
    }
  }
}
