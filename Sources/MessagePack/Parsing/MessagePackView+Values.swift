/// A type that unpacks itself without `Codable`.
///
/// The standard types do. Conform a type of your own where `Codable` is too slow.
///
/// ```swift
/// extension Point: MessagePackDecodable {
///   static func unpack(from view: MessagePackView) throws -> Point {
///     try Point(x: view.required("x"), y: view.required("y"))
///   }
/// }
/// ```
public protocol MessagePackDecodable {
  /// Unpacks a value.
  ///
  /// - Parameter view: The view of what was received.
  /// - Returns: The value.
  /// - Throws: A ``MessagePackError`` if it is something else, with the path inside the value.
  static func unpack(from view: MessagePackView) throws -> Self
}

extension MessagePackView {
  /// Unpacks the value by the type's own ``MessagePackDecodable`` conformance.
  ///
  /// - Parameter type: The type to unpack.
  /// - Returns: The value.
  /// - Throws: A ``MessagePackError`` that names the path inside the value.
  @inlinable
  public func decode<T: MessagePackDecodable>(_ type: T.Type = T.self) throws -> T {
    try T.unpack(from: self)
  }

  /// Unpacks the value by the type's `Codable` conformance.
  ///
  /// - Parameter type: The type to unpack.
  /// - Returns: The value.
  /// - Throws: A ``MessagePackError`` that names the path inside the value, or what the type's own `init(from:)` throws.
  @_disfavoredOverload
  public func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try decodeCodable(type, userInfo: [:])
  }

  /// Unpacks the value of a map's key.
  ///
  /// - Parameters:
  ///   - key: The key, which the map must have.
  ///   - type: The type to unpack.
  /// - Returns: The value.
  /// - Throws: A ``MessagePackError`` that names the path, `missingKey` if the map lacks the key.
  @inlinable
  public func required<T: MessagePackDecodable>(_ key: String, as type: T.Type = T.self) throws -> T {
    let view = try requiredView(key)
    do {
      return try T.unpack(from: view)
    } catch let error as MessagePackError {
      throw error.prefixed(byKey: key)
    }
  }

  @usableFromInline
  func requiredView(_ key: String) throws(MessagePackError) -> MessagePackView {
    guard kind == .map else { throw mismatch(expected: "a map", advice: "send a map with string keys") }
    if let view = self[key] { return view }
    throw MessagePackError.missingKey(key, in: self)
  }
}

extension MessagePackError {
  static func missingKey(_ key: String, in view: MessagePackView) -> MessagePackError {
    var present: [String] = []
    for position in 0..<min(view.count, 8) {
      let key = view.key(at: position)
      present.append(key.stringValue.map { excerpt(of: $0) } ?? key.summary)
    }
    if view.count > present.count { present.append("…") }
    let found = present.isEmpty ? "an empty map" : present.joined(separator: ", ")
    return MessagePackError(
      code: .missingKey, message: "expected the key \"\(key)\", found \(found); send it, or make it optional")
  }
}
