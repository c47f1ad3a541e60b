// MessagePack itself takes the direct path. This is for other formats, such as JSON, and covers what those have.
extension MessagePackValue: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
      self.stringValue = stringValue
      intValue = nil
    }

    init?(intValue: Int) {
      return nil
    }
  }

  /// Encodes the value for any format. An extension value is encoded as a map of `type` and `data`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .array(let elements):
      var container = encoder.unkeyedContainer()
      for element in elements { try container.encode(element) }
    case .map(let map):
      var container = encoder.container(keyedBy: Key.self)
      for pair in map {
        guard let key = pair.key.stringValue else {
          throw EncodingError.invalidValue(
            pair.key,
            EncodingError.Context(codingPath: container.codingPath, debugDescription: "a map key must be a string"))
        }
        try container.encode(pair.value, forKey: Key(stringValue: key))
      }
    case .ext(let type, let data):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(type, forKey: Key(stringValue: "type"))
      try container.encode(data, forKey: Key(stringValue: "data"))
    default:
      try encodeScalar(to: encoder)
    }
  }

  private func encodeScalar(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .uint(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .binary(let value): try container.encode(value)
    default: try container.encodeNil()
    }
  }

  /// Decodes a value from any format.
  public init(from decoder: any Decoder) throws {
    if let keyed = try? decoder.container(keyedBy: Key.self) {
      self = .map(
        MessagePackMap(
          try keyed.allKeys.map { key in
            MessagePackMap.Pair(
              key: .string(key.stringValue), value: try keyed.decode(MessagePackValue.self, forKey: key))
          }))
      return
    }
    if var unkeyed = try? decoder.unkeyedContainer() {
      var elements: [MessagePackValue] = []
      while !unkeyed.isAtEnd { elements.append(try unkeyed.decode(MessagePackValue.self)) }
      self = .array(elements)
      return
    }
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .nil
    } else if let value = try? single.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? single.decode(Int64.self) {
      self = .int(value)
    } else if let value = try? single.decode(UInt64.self) {
      self = .uint(value)
    } else if let value = try? single.decode(Double.self) {
      self = .double(value)
    } else {
      self = .string(try single.decode(String.self))
    }
  }
}
