#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What a type's `init(from:)` is given.
struct ValueDecoder: Decoder {
  let view: MessagePackView
  let path: CodingPath
  let information: [CodingUserInfoKey: any Sendable]

  var codingPath: [any CodingKey] { path.keys }

  var userInfo: [CodingUserInfoKey: Any] { information }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard view.kind == .map else {
      throw Self.error(view.mismatch(expected: "a map", advice: "send a map with string keys"), path)
    }
    return KeyedDecodingContainer(KeyedDecoder<Key>(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard view.kind == .array else {
      throw Self.error(view.mismatch(expected: "an array", advice: "send a list"), path)
    }
    return UnkeyedDecoder(decoder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleValueDecoder(decoder: self)
  }

  /// Steps into an element or a value.
  func child(_ view: MessagePackView, _ key: any CodingKey) -> ValueDecoder {
    ValueDecoder(view: view, path: path.appending(key), information: information)
  }

  /// Unpacks a type with a conformance of its own.
  @inline(__always)
  func unpack<T: MessagePackDecodable>(
    _ type: T.Type, from view: MessagePackView, at key: @autoclosure () -> (any CodingKey)?
  ) throws -> T {
    do {
      return try T.unpack(from: view)
    } catch let error as MessagePackError {
      throw Self.error(error, key().map { path.appending($0) } ?? path)
    }
  }

  /// Decodes any type: the common ones at once, others by their own conformance.
  @inline(__always)
  func decode<T: Decodable>(
    _ type: T.Type, from view: MessagePackView, at key: @autoclosure () -> (any CodingKey)?
  ) throws -> T {
    do {
      if let value = try view.decodeDirectly(type) { return value }
    } catch let error as MessagePackError {
      throw Self.error(error, key().map { path.appending($0) } ?? path)
    }
    let inner = key().map { path.appending($0) } ?? path
    return try T(from: ValueDecoder(view: view, path: inner, information: information))
  }

  /// Wraps an error in the one that `Codable` code expects, so that a type's `catch DecodingError.typeMismatch` works.
  static func error(_ error: MessagePackError, _ path: CodingPath) -> any Error {
    let context = DecodingError.Context(
      codingPath: path.keys, debugDescription: error.message, underlyingError: error)
    return error.code == .typeMismatch
      ? DecodingError.typeMismatch(Any.self, context) : DecodingError.dataCorrupted(context)
  }
}

extension MessagePackView {
  /// Decodes a value by its `Codable` conformance.
  @inline(never)
  func decodeCodable<T: Decodable>(_ type: T.Type, userInfo: [CodingUserInfoKey: any Sendable]) throws -> T {
    if let value = try decodeDirectly(type) { return value }
    do {
      return try T(from: ValueDecoder(view: self, path: .top, information: userInfo))
    } catch {
      throw MessagePackError.flattening(error)
    }
  }

  /// Decodes a value without the `Codable` machinery, if its type allows that; nil if it does not.
  ///
  /// The casts cannot fail: the types were just found to be the same.
  @inline(__always)
  func decodeDirectly<T>(_ type: T.Type) throws -> T? {
    if T.self == String.self { return unsafeBitCast(try String.unpack(from: self), to: T.self) }
    if T.self == Int.self { return unsafeBitCast(try Int.unpack(from: self), to: T.self) }
    if T.self == Double.self { return unsafeBitCast(try Double.unpack(from: self), to: T.self) }
    if T.self == Bool.self { return unsafeBitCast(try Bool.unpack(from: self), to: T.self) }
    if let direct = T.self as? any MessagePackDecodable.Type { return try direct.unpack(from: self) as? T }
    if T.self == URL.self {
      let text = try String.unpack(from: self)
      guard let url = URL(string: text) else {
        throw MessagePackError(
          code: .invalidValue,
          message: "expected URL, found string \(MessagePackError.excerpt(of: text)); send a valid URL")
      }
      return url as? T
    }
    return nil
  }
}
