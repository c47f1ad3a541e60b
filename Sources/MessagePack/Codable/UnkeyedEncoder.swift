/// Encodes the elements of an array.
struct UnkeyedEncoder: UnkeyedEncodingContainer {
  let encoder: ValueEncoder

  var codingPath: [any CodingKey] { encoder.codingPath }

  var count: Int {
    guard let slot = encoder.slot else { return 0 }
    return encoder.session[slot]?.count ?? 0
  }

  @inline(__always)
  private func append(_ pack: EncodingSession.Pack) throws {
    guard let slot = encoder.slot else { throw encoder.missing }
    try encoder.session.appendElement(to: slot, key: nil, node: encoder, pack)
  }

  func encodeNil() throws {
    try append { session, _ in session.packer.packNil() }
  }

  func encode<T: Encodable>(_ value: T) throws {
    let index = count
    try append { session, parent in
      try session.encode(value, in: parent, under: encoder, at: IndexKey(index))
    }
  }

  func encode(_ value: Bool) throws {
    try append { session, _ in session.packer.packBool(value) }
  }

  func encode(_ value: String) throws {
    try append { session, _ in session.packer.packString(value) }
  }

  func encode(_ value: Double) throws {
    try append { session, _ in session.packer.packDouble(value) }
  }

  func encode(_ value: Float) throws {
    try append { session, _ in session.packer.packDouble(Double(value)) }
  }

  func encode(_ value: Int) throws {
    try append { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int8) throws {
    try append { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int16) throws {
    try append { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int32) throws {
    try append { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: Int64) throws {
    try append { session, _ in session.packer.packInteger(Int64(value)) }
  }

  func encode(_ value: UInt) throws {
    try append { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt8) throws {
    try append { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt16) throws {
    try append { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt32) throws {
    try append { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func encode(_ value: UInt64) throws {
    try append { session, _ in session.packer.packInteger(UInt64(value)) }
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy keyType: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> {
    KeyedEncodingContainer(
      KeyedEncoder<NestedKey>(encoder: encoder.nested(.map, IndexKey(count), isKeyed: false)))
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    UnkeyedEncoder(encoder: encoder.nested(.array, IndexKey(count), isKeyed: false))
  }

  func superEncoder() -> any Encoder {
    encoder.nested(.undecided, IndexKey(count), isKeyed: false)
  }
}
