#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Encodes `Codable` values as MessagePack.
///
/// ```swift
/// let data = try MessagePackEncoder().encode(Order(items: items))
/// ```
///
/// `Date` travels as MessagePack's timestamp, `Data` as binary, `URL` as string, a struct as map with string keys.
/// A dictionary with `Int` keys is refused, because Python peers drop a message with a map key that is no string.
public struct MessagePackEncoder {
  /// What the values' own `encode(to:)` finds in `encoder.userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// Creates an encoder.
  public init() {}

  /// Encodes a value.
  ///
  /// - Parameter value: The value.
  /// - Returns: Its bytes.
  /// - Throws: A ``MessagePackError`` that names the path, or what the value's own `encode(to:)` throws.
  public func encode<T: Encodable>(_ value: T) throws -> Data {
    var packer = MessagePackPacker()
    try packer.packCodable(value, userInfo: userInfo)
    try packer.check()
    return packer.withUnsafeBytes { Data($0) }
  }
}
