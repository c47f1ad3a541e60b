/// Encodes a value that is no container.
struct SingleValueEncoder: SingleValueEncodingContainer {
  let session: EncodingSession
  /// Nil if the value's place could not be made; the session knows why.
  let slot: EncodingSession.Handle?
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  @inline(__always)
  private func write(_ pack: EncodingSession.Pack) throws {
    guard let slot else { throw session.missing }
    try session.writeSingle(slot, path: path, pack)
  }

  func encodeNil() throws {
    try write { session, _ in session.packer.packNil() }
  }

  func encode<T: Encodable>(_ value: T) throws {
    try write { session, parent in try session.encode(value, in: parent, path: path) }
  }

  func encode(_ value: Bool) throws {
    try write { session, _ in session.packer.packBool(value) }
  }

  func encode(_ value: String) throws {
    try write { session, _ in session.packer.packString(value) }
  }

  func encode(_ value: Double) throws {
    try write { session, _ in session.packer.packDouble(value) }
  }

  func encode(_ value: Float) throws {
    try write { session, _ in session.packer.packDouble(Double(value)) }
  }

  func encode(_ value: Int) throws {
    try write { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int8) throws {
    try write { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int16) throws {
    try write { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int32) throws {
    try write { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int64) throws {
    try write { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: UInt) throws {
    try write { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt8) throws {
    try write { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt16) throws {
    try write { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt32) throws {
    try write { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt64) throws {
    try write { session, _ in session.packer.packInteger(UInt64(value)) }
  }
}

/// Stands for an encoder whose place could not be made. Everything that is encoded through it throws the reason.
struct FailedEncoder: Encoder {
  let session: EncodingSession
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  var userInfo: [CodingUserInfoKey: Any] { session.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedEncoder<Key>(session: session, handle: nil, path: path))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    UnkeyedEncoder(session: session, handle: nil, path: path)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleValueEncoder(session: session, slot: nil, path: path)
  }
}

extension EncodingSession {
  /// Why a container could not be made.
  var missing: any Error {
    failure ?? Self.error(MessagePackError(code: .invalidValue, message: "the container could not be made"), basePath)
  }
}
