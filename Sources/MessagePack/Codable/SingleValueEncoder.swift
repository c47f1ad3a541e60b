/// Encodes a value that is no container.
struct SingleValueEncoder: SingleValueEncodingContainer {
  let encoder: ValueEncoder

  var codingPath: [any CodingKey] { encoder.codingPath }

  @inline(__always)
  private func write(_ pack: EncodingSession.Pack) throws {
    guard let slot = encoder.slot else { throw encoder.missing }
    try encoder.session.writeSingle(slot, node: encoder, pack)
  }

  func encodeNil() throws {
    try write { session, _ in session.packer.packNil() }
  }

  func encode<T: Encodable>(_ value: T) throws {
    try write { session, parent in try session.encode(value, in: parent, under: encoder, at: nil) }
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
