internal import MessagePack
internal import ZeroRPCCodeGen

/// Writes values as Swift does.
enum SwiftLiteral {
  /// The type that a default value suggests.
  static func type(of value: MessagePackValue) -> String {
    switch value {
    case .bool: "Bool"
    case .int: "Int"
    case .uint: "UInt"
    case .double: "Double"
    case .string: "String"
    case .array: "[\(PeerType.any)]"
    case .map: "[String: \(PeerType.any)]"
    case .nil, .binary, .ext: PeerType.any
    }
  }

  /// A value as an expression of a type; nil if it is no value of that type, or cannot be written.
  static func text(_ value: MessagePackValue, as type: String) -> String? {
    if case .nil = value { return type == PeerType.any || type.hasSuffix("?") ? "nil" : nil }
    let type = type.hasSuffix("?") ? String(type.dropLast()) : type
    let isAny = type == PeerType.any
    switch value {
    case .bool(let value): return isAny || type == "Bool" ? "\(value)" : nil
    case .int(let value): return isAny || ["Int", "Double"].contains(type) ? "\(value)" : nil
    case .uint(let value): return type == "UInt" ? "\(value)" : nil
    case .double(let value): return value.isFinite && (isAny || type == "Double") ? "\(value)" : nil
    case .string(let value): return isAny || type == "String" ? StringLiteral.singleLine(value) : nil
    case .array(let elements):
      guard isAny || type == "[\(PeerType.any)]" || elements.isEmpty && type.hasPrefix("[") && !type.contains(":")
      else {
        return nil
      }
      let texts = elements.map { text($0, as: PeerType.any) }
      return texts.contains(nil) ? nil : "[\(texts.compactMap { $0 }.joined(separator: ", "))]"
    case .map(let map):
      guard isAny || type == "[String: \(PeerType.any)]" || map.isEmpty && type.hasPrefix("[String:") else {
        return nil
      }
      let texts = map.map { pair -> String? in
        guard case .string(let key) = pair.key, let value = text(pair.value, as: PeerType.any) else { return nil }
        return "\(StringLiteral.singleLine(key)): \(value)"
      }
      return texts.contains(nil) ? nil : "[\(texts.isEmpty ? ":" : texts.compactMap { $0 }.joined(separator: ", "))]"
    case .nil, .binary, .ext: return nil
    }
  }
}
