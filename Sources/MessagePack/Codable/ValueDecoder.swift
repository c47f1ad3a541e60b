#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What a type's `init(from:)` is given.
final class ValueDecoder: CodingNode, Decoder {
  let view: MessagePackView
  private let information: [CodingUserInfoKey: any Sendable]

  init(
    view: MessagePackView, information: [CodingUserInfoKey: any Sendable], parent: CodingNode? = nil,
    key: (any CodingKey)? = nil
  ) {
    self.view = view
    self.information = information
    super.init(parent: parent, key: key)
  }

  var userInfo: [CodingUserInfoKey: Any] { information }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard view.kind == .map else {
      throw error(view.mismatch(expected: "a map", advice: "send a map with string keys"))
    }
    return KeyedDecodingContainer(KeyedDecoder<Key>(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard view.kind == .array else {
      throw error(view.mismatch(expected: "an array", advice: "send a list"))
    }
    return UnkeyedDecoder(decoder: self)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleValueDecoder(decoder: self)
  }

  /// Steps into an element or a value.
  func child(_ view: MessagePackView, _ key: (any CodingKey)?) -> ValueDecoder {
    ValueDecoder(view: view, information: information, parent: self, key: key)
  }

  /// Unpacks a type with a conformance of its own.
  @inline(__always)
  func unpack<T: MessagePackDecodable>(
    _ type: T.Type, from view: MessagePackView, at key: @autoclosure () -> (any CodingKey)?
  ) throws -> T {
    do {
      return try T.unpack(from: view)
    } catch let found as MessagePackError {
      throw error(found, at: key())
    }
  }

  /// Decodes any type: the common ones at once, others by their own conformance.
  @inline(__always)
  func decode<T: Decodable>(
    _ type: T.Type, from view: MessagePackView, at key: @autoclosure () -> (any CodingKey)?
  ) throws -> T {
    do {
      if let value = try view.decodeDirectly(type) { return value }
    } catch let found as MessagePackError {
      throw error(found, at: key())
    }
    return try T(from: child(view, key()))
  }

  /// Wraps an error in the one that `Codable` code expects, so that a type's `catch DecodingError.typeMismatch` works.
  func error(_ error: MessagePackError, at key: (any CodingKey)? = nil) -> any Error {
    let context = DecodingError.Context(
      codingPath: codingPath(appending: key), debugDescription: error.message, underlyingError: error)
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
      return try T(from: ValueDecoder(view: self, information: userInfo))
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
    return try decodeByTraits(type)
  }

  private func decodeByTraits<T>(_ type: T.Type) throws -> T? {
    let traits = ThreadCache.traits(of: type)
    if let direct = traits.decodable { return try decodeOpened(direct, as: type) }
    guard traits.isURL else { return nil }
    let text = try String.unpack(from: self)
    guard let url = URL(string: text) else {
      throw MessagePackError(
        code: .invalidValue,
        message: "expected URL, found string \(MessagePackError.excerpt(of: text)); send a valid URL")
    }
    return unsafeBitCast(url, to: T.self)
  }

  private func decodeOpened<T, Direct: MessagePackDecodable>(_ direct: Direct.Type, as type: T.Type) throws -> T {
    unsafeBitCast(try Direct.unpack(from: self), to: T.self)
  }
}
