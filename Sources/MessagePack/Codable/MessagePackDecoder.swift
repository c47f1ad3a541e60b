#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Decodes `Codable` values from MessagePack.
///
/// ```swift
/// let order = try MessagePackDecoder().decode(Order.self, from: data)
/// ```
///
/// It accepts what other languages send for a type: integers for floating-point numbers and the reverse if there is no
/// fraction, binary that is UTF-8 for strings and map keys, seconds since 1970 for dates.
public struct MessagePackDecoder {
  /// What the types' own `init(from:)` finds in `decoder.userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// Creates a decoder.
  public init() {}

  /// Decodes a value.
  ///
  /// - Parameters:
  ///   - type: The type of the value.
  ///   - data: The bytes of one value.
  /// - Returns: The value.
  /// - Throws: A ``MessagePackError`` that names the path, or what the type's own `init(from:)` throws.
  public func decode<T: Decodable>(_ type: T.Type, from data: Data) throws -> T {
    try data.withUnsafeBytes { bytes in
      var consumed = 0
      let value = try MessagePackParser.withView(of: bytes, consumed: &consumed) { view in
        try view.decodeCodable(type, userInfo: userInfo)
      }
      try MessagePackParser.requireEnd(of: bytes, at: consumed)
      return value
    }
  }
}
