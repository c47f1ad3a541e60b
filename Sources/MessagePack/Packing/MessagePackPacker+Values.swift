/// A type that packs itself without `Codable`.
///
/// The standard types do. Conform a type of your own where `Codable` is too slow.
///
/// ```swift
/// extension Point: MessagePackEncodable {
///   func pack(into packer: inout MessagePackPacker) throws {
///     packer.packMapHeader(2)
///     packer.packString("x")
///     try packer.pack(x)
///     packer.packString("y")
///     try packer.pack(y)
///   }
/// }
/// ```
public protocol MessagePackEncodable {
  /// Packs exactly one value.
  ///
  /// - Parameter packer: The packer to pack into.
  /// - Throws: A ``MessagePackError`` if the value cannot be packed.
  func pack(into packer: inout MessagePackPacker) throws
}

extension MessagePackPacker {
  /// Packs a value by its own ``MessagePackEncodable`` conformance.
  ///
  /// - Parameter value: The value.
  /// - Throws: A ``MessagePackError`` that names the path inside the value.
  @inlinable
  public mutating func pack<T: MessagePackEncodable>(_ value: T) throws {
    try value.pack(into: &self)
  }

  /// Packs a value by its `Codable` conformance.
  ///
  /// - Parameter value: The value.
  /// - Throws: A ``MessagePackError`` that names the path inside the value, or what the value's own `encode(to:)` throws.
  ///   What was packed of the value is taken back.
  @_disfavoredOverload
  public mutating func pack<T: Encodable>(_ value: T) throws {
    try packCodable(value, userInfo: [:])
  }
}
