#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

extension MessagePackValue {
  /// The kind of the value.
  public var kind: MessagePackKind {
    switch self {
    case .nil: .nil
    case .bool: .bool
    case .int, .uint: .integer
    case .double: .double
    case .string: .string
    case .binary: .binary
    case .array: .array
    case .map: .map
    case .ext: .extension
    }
  }

  /// Whether the value is nil.
  public var isNil: Bool {
    if case .nil = self { return true }
    return false
  }

  /// The Boolean, if it is one.
  public var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The integer, also from a floating-point number without fraction; nil if it is none or does not fit.
  public var intValue: Int? {
    switch self {
    case .int(let value): Int(exactly: value)
    case .uint(let value): Int(exactly: value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The unsigned integer, also from a floating-point number without fraction; nil if it is none or does not fit.
  public var uintValue: UInt? {
    switch self {
    case .int(let value): UInt(exactly: value)
    case .uint(let value): UInt(exactly: value)
    case .double(let value): UInt(exactly: value)
    default: nil
    }
  }

  /// The floating-point number, also from an integer; nil if it is no number.
  public var doubleValue: Double? {
    switch self {
    case .int(let value): Double(value)
    case .uint(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The string, also from binary that is UTF-8, which is what Python 2 sends for one.
  public var stringValue: String? {
    switch self {
    case .string(let value): value
    case .binary(let value): String(validating: value, as: UTF8.self)
    default: nil
    }
  }

  /// The bytes of binary, or of a string as UTF-8.
  public var dataValue: Data? {
    switch self {
    case .binary(let value): value
    case .string(let value): Data(value.utf8)
    default: nil
    }
  }

  /// The elements, if it is an array.
  public var arrayValue: [MessagePackValue]? {
    if case .array(let value) = self { return value }
    return nil
  }

  /// The pairs, if it is a map.
  public var mapValue: MessagePackMap? {
    if case .map(let value) = self { return value }
    return nil
  }

  /// The value of a map's key, which may be a string or binary; nil if it is no map or lacks the key.
  ///
  /// - Parameter key: The key.
  public subscript(key: String) -> MessagePackValue? {
    mapValue?[key]
  }

  /// The element of an array; nil if it is no array or has no element there.
  ///
  /// - Parameter index: The element's index, from 0.
  public subscript(index: Int) -> MessagePackValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}
