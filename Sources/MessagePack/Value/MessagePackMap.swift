/// Holds the pairs of a map in the order of the message.
///
/// Two maps are equal if they have the same pairs in any order.
public struct MessagePackMap: Sendable {
  /// A key and its value.
  public struct Pair: Sendable, Hashable {
    /// The key. Only strings and binary can be sent.
    public var key: MessagePackValue
    /// The value.
    public var value: MessagePackValue

    /// Creates a pair.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The value.
    public init(key: MessagePackValue, value: MessagePackValue) {
      self.key = key
      self.value = value
    }
  }

  /// The pairs, in order.
  public var pairs: [Pair]

  /// Creates a map.
  ///
  /// - Parameter pairs: The pairs, in order.
  public init(_ pairs: [Pair] = []) {
    self.pairs = pairs
  }

  /// The value of a key, which may have been sent as string or, as Python 2 does, as binary.
  ///
  /// Setting a value replaces the last pair with the key, or appends one; setting nil removes all pairs with the key.
  ///
  /// - Parameter key: The key. The last pair counts if several have it.
  public subscript(key: String) -> MessagePackValue? {
    get {
      pairs.last { $0.key.stringValue == key }?.value
    }
    set {
      guard let newValue else {
        pairs.removeAll { $0.key.stringValue == key }
        return
      }
      if let index = pairs.lastIndex(where: { $0.key.stringValue == key }) {
        pairs[index].value = newValue
      } else {
        pairs.append(Pair(key: .string(key), value: newValue))
      }
    }
  }
}

extension MessagePackMap: RandomAccessCollection {
  /// The position of the first pair.
  public var startIndex: Int { pairs.startIndex }

  /// The position behind the last pair.
  public var endIndex: Int { pairs.endIndex }

  /// The pair at a position, which must be valid as for an array.
  ///
  /// - Parameter position: The position.
  public subscript(position: Int) -> Pair { pairs[position] }
}

extension MessagePackMap: ExpressibleByDictionaryLiteral {
  /// Creates a map from a literal.
  ///
  /// - Parameter elements: The pairs, in order.
  public init(dictionaryLiteral elements: (MessagePackValue, MessagePackValue)...) {
    pairs = elements.map { Pair(key: $0.0, value: $0.1) }
  }
}

extension MessagePackMap: Hashable {
  /// Compares the pairs, in any order.
  public static func == (left: MessagePackMap, right: MessagePackMap) -> Bool {
    guard left.count == right.count else { return false }
    if left.pairs == right.pairs { return true }
    var remaining: [Pair: Int] = [:]
    for pair in left.pairs { remaining[pair, default: 0] += 1 }
    for pair in right.pairs {
      guard let count = remaining[pair], count > 0 else { return false }
      remaining[pair] = count - 1
    }
    return true
  }

  /// Hashes the pairs, in any order.
  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for pair in pairs { sum &+= pair.hashValue }
    hasher.combine(sum)
  }
}
