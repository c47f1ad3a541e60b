extension MessagePackValue: CustomStringConvertible {
  /// Renders the value as one would write it, as in `["a": 1, "b": [nil, 0x00ff]]`.
  public var description: String {
    switch self {
    case .nil: return "nil"
    case .bool(let value): return "\(value)"
    case .int(let value): return "\(value)"
    case .uint(let value): return "\(value)"
    case .double(let value): return "\(value)"
    case .string(let value): return value.debugDescription
    case .binary(let value): return Self.hex(value)
    case .array(let value): return "[\(value.map(\.description).joined(separator: ", "))]"
    case .map(let value):
      if value.isEmpty { return "[:]" }
      return "[\(value.map { "\($0.key): \($0.value)" }.joined(separator: ", "))]"
    case .ext(let type, let value): return "ext(\(type), \(Self.hex(value)))"
    }
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    var text = "0x"
    for byte in bytes {
      let digits = String(byte, radix: 16)
      text += digits.utf8.count < 2 ? "0\(digits)" : digits
    }
    return text
  }
}
