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

  /// Makes a message of the bytes of frames.
  public init(frames: [ZMQFrame]) { parts = frames.map(\.bytes) }

  /// The texts of the parts; what is not UTF-8 is repaired.
  public var strings: [String] { parts.map { String(decoding: $0, as: UTF8.self) } }
}

extension ZMQMessage: ExpressibleByArrayLiteral {
  /// Makes a message of texts, one a part.
  public init(arrayLiteral elements: String...) { parts = elements.map { Array($0.utf8) } }
}
