#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What a value's `encode(to:)` is given.
struct ValueEncoder: Encoder {
  let session: EncodingSession
  let slot: EncodingSession.Handle
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  var userInfo: [CodingUserInfoKey: Any] { session.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    open(as: .map)
    return KeyedEncodingContainer(KeyedEncoder<Key>(session: session, handle: slot, path: path))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    open(as: .array)
    return UnkeyedEncoder(session: session, handle: slot, path: path)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleValueEncoder(session: session, slot: slot, path: path)
  }

  private func open(as kind: EncodingSession.Kind) {
    do {
      try session.open(slot, as: kind, path: path)
    } catch {
      session.note(error)
    }
  }
}

extension EncodingSession {
  /// Packs any value: the common types at once, others by their own conformance.
  func encode<T: Encodable>(_ value: T, in parent: Handle?, path: @autoclosure () -> CodingPath) throws {
    do {
      if try packer.packDirectly(value) { return }
    } catch let error as MessagePackError {
      throw Self.error(error, path())
    }
    if let keyed = T.self as? any DictionaryType.Type, keyed.keyType == Int.self {
      throw Self.error(.integerKeys(T.self), path())
    }
    try encodeAtEnd(value, in: parent, path: path())
  }
}

extension MessagePackPacker {
  /// Packs a value by its `Codable` conformance.
  @inline(never)
  mutating func packCodable<T: Encodable>(_ value: T, userInfo: [CodingUserInfoKey: any Sendable]) throws {
    if try packDirectly(value) { return }
    let mark = count
    let depth = enclosingDepth
    let lent = MessagePackPacker(adopting: buffer)
    buffer = nil
    let session = EncodingSession(packer: lent, userInfo: userInfo, depth: depth)
    defer {
      buffer = session.packer.buffer
      session.packer.buffer = nil
    }
    do {
      try session.encode(value, in: nil, path: .top)
      if let failure = session.failure { throw failure }
    } catch {
      session.packer.truncate(to: mark)
      throw MessagePackError.flattening(error)
    }
  }

  /// Packs a value without the `Codable` machinery, if its type allows that.
  ///
  /// The comparisons cost nothing when the compiler knows the type, and a nanosecond each when it does not. The casts cannot
  /// fail: the types were just found to be the same.
  @inline(__always)
  mutating func packDirectly<T>(_ value: T) throws -> Bool {
    if T.self == String.self {
      packString(unsafeBitCast(value, to: String.self))
    } else if T.self == Int.self {
      packInteger(Int64(unsafeBitCast(value, to: Int.self)))
    } else if T.self == Double.self {
      packDouble(unsafeBitCast(value, to: Double.self))
    } else if T.self == Bool.self {
      packBool(unsafeBitCast(value, to: Bool.self))
    } else if let direct = value as? any MessagePackEncodable {
      try direct.pack(into: &self)
    } else if let url = value as? URL {
      packString(url.absoluteString)
    } else {
      return false
    }
    return true
  }
}

/// Lets the encoder see the key type of a dictionary that it knows only as `Encodable`.
protocol DictionaryType {
  static var keyType: Any.Type { get }
}

extension Dictionary: DictionaryType {
  static var keyType: Any.Type { Key.self }
}

extension MessagePackError {
  static func integerKeys(_ type: Any.Type) -> MessagePackError {
    MessagePackError(
      code: .unsupportedMapKey,
      message: "\(type) has integer keys, over which Python peers drop the whole message; send string keys, as in "
        + "Dictionary(uniqueKeysWithValues: value.map { (String($0.key), $0.value) })")
  }

  /// Makes one error with a path of what the standard library's errors nest.
  static func flattening(_ error: any Error) -> any Error {
    let context: (path: [any CodingKey], text: String, underlying: (any Error)?)
    let code: Code
    switch error {
    case EncodingError.invalidValue(_, let found):
      context = (found.codingPath, found.debugDescription, found.underlyingError)
      code = .invalidValue
    case DecodingError.typeMismatch(_, let found), DecodingError.valueNotFound(_, let found):
      context = (found.codingPath, found.debugDescription, found.underlyingError)
      code = .typeMismatch
    case DecodingError.keyNotFound(_, let found):
      context = (found.codingPath, found.debugDescription, found.underlyingError)
      code = .missingKey
    case DecodingError.dataCorrupted(let found):
      context = (found.codingPath, found.debugDescription, found.underlyingError)
      code = .invalidValue
    default:
      return error
    }
    let own = context.underlying as? MessagePackError
    return (own ?? MessagePackError(code: code, message: context.text)).prefixed(by: path(of: context.path))
  }
}
