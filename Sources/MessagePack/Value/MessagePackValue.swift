#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Holds any MessagePack value, for what has no Swift type.
///
/// ```swift
/// let value: MessagePackValue = ["name": "Ada", "tags": ["x", 1, nil]]
/// let name = value["name"]?.stringValue
/// ```
public enum MessagePackValue: Sendable {
  /// No value.
  case `nil`
  /// True or false.
  case bool(Bool)
  /// A whole number that fits 64 bits with sign.
  case int(Int64)
  /// A whole number above `Int64.max`. Smaller ones arrive as ``int(_:)``, and compare equal to it.
  case uint(UInt64)
  /// A floating-point number. Those of 32 bits are widened.
  case double(Double)
  /// A string.
  case string(String)
  /// Bytes.
  case binary(Data)
  /// A list of values.
  case array([MessagePackValue])
  /// Key and value pairs, in the order of the message.
  case map(MessagePackMap)
  /// Bytes with a type number that applications define; -1 is a timestamp.
  case ext(Int8, Data)

  /// Creates an integer.
  ///
  /// - Parameter value: The integer.
  public init(_ value: Int) {
    self = .int(Int64(value))
  }

  /// Creates an integer, as ``int(_:)`` if it fits and as ``uint(_:)`` if not.
  ///
  /// - Parameter value: The integer.
  public init(_ value: UInt64) {
    self = Int64(exactly: value).map { .int($0) } ?? .uint(value)
  }

  /// Parses bytes that hold one value.
  ///
  /// - Parameter bytes: The bytes.
  /// - Throws: A ``MessagePackError`` if they are not one MessagePack value with UTF-8 strings, or more than that.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(MessagePackError) {
    do {
      var consumed = 0
      self = try MessagePackParser.withView(of: bytes, consumed: &consumed) { try $0.value() }
      try MessagePackParser.requireEnd(of: bytes, at: consumed)
    } catch let error as MessagePackError {
      throw error
    } catch {
      throw MessagePackError(code: .malformed, message: "\(error)")
    }
  }

  /// Parses bytes that hold one value.
  ///
  /// - Parameter bytes: The bytes, as in `Data` or `[UInt8]`.
  /// - Throws: A ``MessagePackError`` if they are not one MessagePack value with UTF-8 strings, or more than that.
  public init(parsing bytes: some Collection<UInt8>) throws(MessagePackError) {
    let result = bytes.withContiguousStorageIfAvailable { buffer in
      Result { () throws(MessagePackError) in try MessagePackValue(parsing: UnsafeRawBufferPointer(buffer)) }
    }
    if let result {
      self = try result.get()
    } else {
      self = try Array(bytes).withUnsafeBytes { buffer in
        Result { () throws(MessagePackError) in try MessagePackValue(parsing: buffer) }
      }.get()
    }
  }

  /// Packs the value.
  ///
  /// - Returns: Its bytes.
  /// - Throws: A ``MessagePackError`` if it is nested too deep or has map keys that are neither strings nor binary.
  public func serialized() throws(MessagePackError) -> Data {
    var packer = MessagePackPacker()
    try pack(into: &packer, depth: 0)
    try packer.check()
    return packer.withUnsafeBytes { Data($0) }
  }
}

extension MessagePackParser {
  static func requireEnd(of bytes: UnsafeRawBufferPointer, at end: Int) throws(MessagePackError) {
    guard end != bytes.count else { return }
    throw MessagePackError(
      code: .malformed,
      message: "\(bytes.count - end) bytes follow the value; "
        + "use MessagePackParser.withView to read one value of several")
  }
}
