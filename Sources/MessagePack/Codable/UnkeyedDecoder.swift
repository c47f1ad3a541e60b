/// Decodes the elements of an array.
struct UnkeyedDecoder: UnkeyedDecodingContainer {
  private let decoder: ValueDecoder
  private(set) var currentIndex = 0

  init(decoder: ValueDecoder) {
    self.decoder = decoder
  }

  var codingPath: [any CodingKey] { decoder.codingPath }

  var count: Int? { decoder.view.count }

  var isAtEnd: Bool { currentIndex >= decoder.view.count }

  mutating func decodeNil() throws -> Bool {
    guard try next().isNil else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let value = try decoder.decode(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Bool.Type) throws -> Bool {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: String.Type) throws -> String {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Double.Type) throws -> Double {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Float.Type) throws -> Float {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Int.Type) throws -> Int {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Int8.Type) throws -> Int8 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Int16.Type) throws -> Int16 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Int32.Type) throws -> Int32 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: Int64.Type) throws -> Int64 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: UInt.Type) throws -> UInt {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
    let value = try decoder.unpack(type, from: next(), at: IndexKey(currentIndex))
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) throws -> KeyedDecodingContainer<NestedKey> {
    let container = try decoder.child(next(), IndexKey(currentIndex)).container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try decoder.child(next(), IndexKey(currentIndex)).unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let child = decoder.child(try next(), IndexKey(currentIndex))
    currentIndex += 1
    return child
  }

  private func next() throws -> MessagePackView {
    guard !isAtEnd else {
      let error = MessagePackError(
        code: .typeMismatch,
        message: "expected another element, found an array of \(decoder.view.count); send more elements")
      throw DecodingError.valueNotFound(
        Any.self,
        DecodingError.Context(
          codingPath: decoder.codingPath(appending: IndexKey(currentIndex)), debugDescription: error.message,
          underlyingError: error))
    }
    return decoder.view[currentIndex]
  }
}
