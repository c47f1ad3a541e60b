/// Holds a whole message: one or more parts that are delivered together or not at all.
///
/// ```swift
/// let message: ZMQMessage = ["weather.berlin", "12 °C"]
/// ```
public struct ZMQMessage: Sendable, Hashable {
  /// The bytes of each part, in order. A message has at least one part; an empty list is sent as one empty part.
  public var parts: [[UInt8]]

  /// Makes a message of parts.
  public init(parts: [[UInt8]]) { self.parts = parts }

  /// Makes a message of one part.
  public init(_ bytes: some Sequence<UInt8>) { parts = [Array(bytes)] }

  /// The texts of the parts; what is not UTF-8 is repaired.
  public var strings: [String] { parts.map { String(decoding: $0, as: UTF8.self) } }
}

extension ZMQMessage: ExpressibleByArrayLiteral {
  /// Makes a message of texts, one a part.
  public init(arrayLiteral elements: String...) { parts = elements.map { Array($0.utf8) } }
}

// MARK: Envelopes

extension ZMQMessage {
  /// Puts a routing frame and an empty delimiter in front, as a broker does before it passes a request on.
  public mutating func push(routing id: [UInt8]) { parts.insert(contentsOf: [id, []], at: 0) }

  /// Removes and returns the first part, and the empty delimiter behind it if there is one; nil when no part is left.
  public mutating func popRouting() -> [UInt8]? {
    guard !parts.isEmpty else { return nil }
    let id = parts.removeFirst()
    if let delimiter = parts.first, delimiter.isEmpty { parts.removeFirst() }
    return id
  }
}
