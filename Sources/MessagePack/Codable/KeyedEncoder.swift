/// Encodes the pairs of a map.
struct KeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let session: EncodingSession
  /// Nil if the container could not be made; the session knows why.
  let handle: EncodingSession.Handle?
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  @inline(__always)
  private func append(_ key: Key, _ pack: EncodingSession.Pack) throws {
    guard let handle else { throw session.missing }
    try session.appendElement(to: handle, key: key.stringValue, path: path, pack)
  }

  func encodeNil(forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packNil() }
  }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try append(key) { session, parent in
      try session.encode(value, in: parent, path: path.appending(key))
    }
  }

  func encode(_ value: Bool, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packBool(value) }
  }

  func encode(_ value: String, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packString(value) }
  }

  func encode(_ value: Double, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packDouble(value) }
  }

  func encode(_ value: Float, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packDouble(Double(value)) }
  }

  func encode(_ value: Int, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int8, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int16, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int32, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int64, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: UInt, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt8, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt16, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt32, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt64, forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> {
    let path = path.appending(key)
    let nested = make(.map, key, path)
    return KeyedEncodingContainer(KeyedEncoder<NestedKey>(session: session, handle: nested, path: path))
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    let path = path.appending(key)
    return UnkeyedEncoder(session: session, handle: make(.array, key, path), path: path)
  }

  func superEncoder() -> any Encoder {
    superEncoder(SuperKey())
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    superEncoder(key)
  }

  private func superEncoder(_ key: any CodingKey) -> any Encoder {
    let path = path.appending(key)
    guard let slot = make(.undecided, key, path) else { return FailedEncoder(session: session, path: path) }
    return ValueEncoder(session: session, slot: slot, path: path)
  }

  private func make(
    _ kind: EncodingSession.Kind, _ key: any CodingKey, _ path: CodingPath
  ) -> EncodingSession.Handle? {
    guard let handle else { return nil }
    return session.makeContainer(kind, in: handle, key: key.stringValue, path: path)
  }
}
