/// Encodes the pairs of a map.
struct KeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: ValueEncoder

  var codingPath: [any CodingKey] { encoder.codingPath }

  @inline(__always)
  private func append(_ key: Key, _ pack: EncodingSession.Pack) throws {
    guard let slot = encoder.slot else { throw encoder.missing }
    try encoder.session.appendElement(to: slot, key: key.stringValue, node: encoder, pack)
  }

  func encodeNil(forKey key: Key) throws {
    try append(key) { session, _ in session.packer.packNil() }
  }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try append(key) { session, parent in
      try session.encode(value, in: parent, under: encoder, at: key)
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
    KeyedEncodingContainer(KeyedEncoder<NestedKey>(encoder: encoder.nested(.map, key, isKeyed: true)))
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    UnkeyedEncoder(encoder: encoder.nested(.array, key, isKeyed: true))
  }

  func superEncoder() -> any Encoder {
    encoder.nested(.undecided, SuperKey(), isKeyed: true)
  }

  func superEncoder(forKey key: Key) -> any Encoder {
    encoder.nested(.undecided, key, isKeyed: true)
  }
}
