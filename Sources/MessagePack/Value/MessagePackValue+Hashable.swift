extension MessagePackValue: Hashable {
  /// Compares two values. Integers are equal if their values are, whatever their case; 1 and 1.0 differ.
  public static func == (left: MessagePackValue, right: MessagePackValue) -> Bool {
    switch (left, right) {
    case (.nil, .nil): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.uint(let left), .uint(let right)): left == right
    case (.int(let left), .uint(let right)), (.uint(let right), .int(let left)): left == right
    case (.double(let left), .double(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.binary(let left), .binary(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.map(let left), .map(let right)): left == right
    case (.ext(let leftType, let left), .ext(let rightType, let right)): leftType == rightType && left == right
    default: false
    }
  }

  /// Hashes the value so that equal values hash alike.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    switch self {
    case .nil: break
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(UInt64(truncatingIfNeeded: value))
    case .uint(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value)
    case .string(let value): hasher.combine(value)
    case .binary(let value): hasher.combine(value)
    case .array(let value): hasher.combine(value)
    case .map(let value): hasher.combine(value)
    case .ext(let type, let value):
      hasher.combine(type)
      hasher.combine(value)
    }
  }
}
