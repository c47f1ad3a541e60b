extension MessagePackValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Creates nil.
  public init(nilLiteral: ()) {
    self = .nil
  }

  /// Creates a Boolean.
  public init(booleanLiteral value: Bool) {
    self = .bool(value)
  }

  /// Creates an integer.
  public init(integerLiteral value: Int64) {
    self = .int(value)
  }

  /// Creates a floating-point number.
  public init(floatLiteral value: Double) {
    self = .double(value)
  }

  /// Creates a string.
  public init(stringLiteral value: String) {
    self = .string(value)
  }

  /// Creates an array.
  public init(arrayLiteral elements: MessagePackValue...) {
    self = .array(elements)
  }

  /// Creates a map, in the order of the literal.
  public init(dictionaryLiteral elements: (MessagePackValue, MessagePackValue)...) {
    self = .map(MessagePackMap(elements.map { MessagePackMap.Pair(key: $0.0, value: $0.1) }))
  }
}
