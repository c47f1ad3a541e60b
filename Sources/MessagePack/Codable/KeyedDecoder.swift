/// Decodes the pairs of a map.
struct KeyedDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: ValueDecoder
  /// Finds keys in a map of many pairs. Nil for a small one, which is searched through.
  private let index: KeyIndex?

  init(decoder: ValueDecoder) {
    self.decoder = decoder
    index = decoder.view.count > KeyIndex.threshold ? KeyIndex(decoder.view) : nil
  }

  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    let view = decoder.view
    var keys: [Key] = []
    for position in 0..<view.count {
      let key = view.key(at: position)
      if let text = key.stringValue {
        if let key = Key(stringValue: text) { keys.append(key) }
      } else if let number = key.int64Value.flatMap({ Int(exactly: $0) }), let key = Key(intValue: number) {
        keys.append(key)
      }
    }
    return keys
  }

  func contains(_ key: Key) -> Bool {
    find(key) != nil
  }

  func decodeNil(forKey key: Key) throws -> Bool {
    try require(key).isNil
  }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try decoder.decode(type, from: require(key), at: key)
  }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: String.Type, forKey key: Key) throws -> String {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 {
    try decoder.unpack(type, from: require(key), at: key)
  }

  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<NestedKey> {
    try decoder.child(require(key), key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder.child(require(key), key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    decoder.child(decoder.view[SuperKey().stringValue] ?? .nil, SuperKey())
  }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    decoder.child(find(key) ?? .nil, key)
  }

  private func require(_ key: Key) throws -> MessagePackView {
    if let view = find(key) { return view }
    let error = MessagePackError.missingKey(key.stringValue, in: decoder.view)
    throw DecodingError.keyNotFound(
      key,
      DecodingError.Context(codingPath: codingPath, debugDescription: error.message, underlyingError: error))
  }

  private func find(_ key: Key) -> MessagePackView? {
    if let index {
      return index.value(forText: key.stringValue) ?? key.intValue.flatMap { index.value(forInteger: $0) }
    }
    // A peer that is neither Python nor Node may send integer keys.
    return decoder.view[key.stringValue] ?? key.intValue.flatMap { decoder.view.value(forInteger: $0) }
  }
}
