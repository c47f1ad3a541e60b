#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What a value's `encode(to:)` is given.
final class ValueEncoder: CodingNode, Encoder {
  let session: EncodingSession
  /// Nil if the value's place could not be made; the session knows why, and all that is encoded here throws it.
  let slot: EncodingSession.Handle?

  init(session: EncodingSession, slot: EncodingSession.Handle?, parent: CodingNode?, key: (any CodingKey)?) {
    self.session = session
    self.slot = slot
    super.init(parent: parent, key: key)
  }

  var userInfo: [CodingUserInfoKey: Any] { session.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    open(as: .map)
    return KeyedEncodingContainer(KeyedEncoder<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    open(as: .array)
    return UnkeyedEncoder(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleValueEncoder(encoder: self)
  }

  private func open(as kind: EncodingSession.Kind) {
    guard let slot else { return }
    do {
      try session.open(slot, as: kind, node: self)
    } catch {
      session.note(error)
    }
  }

  /// Makes the encoder of a container in this one's container.
  func nested(_ kind: EncodingSession.Kind, _ key: any CodingKey, isKeyed: Bool) -> ValueEncoder {
    let handle = slot.flatMap { slot in
      session.makeContainer(kind, in: slot, key: isKeyed ? key.stringValue : nil, node: self)
    }
    return ValueEncoder(session: session, slot: handle, parent: self, key: key)
  }

  /// Why a container could not be made.
  var missing: any Error {
    session.failure
      ?? EncodingSession.error(
        MessagePackError(code: .invalidValue, message: "the container could not be made"), self)
  }
}

extension EncodingSession {
  /// Packs any value: the common types at once, others by their own conformance.
  func encode<T: Encodable>(
    _ value: T, in parent: Handle?, under node: CodingNode?, at key: @autoclosure () -> (any CodingKey)?
  ) throws {
    do {
      if try packer.packDirectly(value) { return }
    } catch let error as MessagePackError {
      throw Self.error(error, node, key())
    }
    try encodeAtEnd(value, in: parent, under: node, at: key())
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
      try session.encode(value, in: nil, under: nil, at: nil)
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
    } else {
      return try packByTraits(value)
    }
    return true
  }

  private mutating func packByTraits<T>(_ value: T) throws -> Bool {
    let traits = ThreadCache.traits(of: T.self)
    if let type = traits.encodable {
      try packOpened(value, as: type)
    } else if traits.isURL {
      packString(unsafeBitCast(value, to: URL.self).absoluteString)
    } else if traits.hasIntegerKeys {
      throw MessagePackError.integerKeys(T.self)
    } else {
      return false
    }
    return true
  }

  private mutating func packOpened<T, Direct: MessagePackEncodable>(_ value: T, as type: Direct.Type) throws {
    try unsafeBitCast(value, to: Direct.self).pack(into: &self)
  }
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
