/// Encodes the elements of an array.
struct UnkeyedEncoder: UnkeyedEncodingContainer {
  let session: EncodingSession
  /// Nil if the container could not be made; the session knows why.
  let handle: EncodingSession.Handle?
  let path: CodingPath

  var codingPath: [any CodingKey] { path.keys }

  var count: Int {
    guard let handle else { return 0 }
    return session[handle]?.count ?? 0
  }

  @inline(__always)
  private func append(_ pack: EncodingSession.Pack) throws {
    guard let handle else { throw session.missing }
    try session.appendElement(to: handle, key: nil, path: path, pack)
  }

  func encodeNil() throws {
    try append { session, _ in session.packer.packNil() }
  }

  func encode<T: Encodable>(_ value: T) throws {
    let index = count
    try append { session, parent in
      try session.encode(value, in: parent, path: path.appending(IndexKey(index)))
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
    let path = path.appending(IndexKey(count))
    return KeyedEncodingContainer(KeyedEncoder<NestedKey>(session: session, handle: make(.map, path), path: path))
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    let path = path.appending(IndexKey(count))
    return UnkeyedEncoder(session: session, handle: make(.array, path), path: path)
  }

  func superEncoder() -> any Encoder {
    let path = path.appending(IndexKey(count))
    guard let slot = make(.undecided, path) else { return FailedEncoder(session: session, path: path) }
    return ValueEncoder(session: session, slot: slot, path: path)
  }

  private func make(_ kind: EncodingSession.Kind, _ path: CodingPath) -> EncodingSession.Handle? {
    guard let handle else { return nil }
    return session.makeContainer(kind, in: handle, key: nil, path: path)
  }
}
