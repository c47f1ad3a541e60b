/// Holds a short byte string without a heap allocation: a routing id, or a message id with its MessagePack type.
///
/// Up to 48 bytes stand in the value itself; longer ones, which only foreign peers send, go to an array.
package struct InlineBytes: Sendable, Hashable {
  private var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
  private var inlineCount: UInt8 = 0
  private var overflow: [UInt8]?

  private static let capacity = 48

  /// Makes an empty byte string.
  package init() {}

  /// Copies bytes.
  package init(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count <= InlineBytes.capacity {
      inlineCount = UInt8(truncatingIfNeeded: bytes.count)
      withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    } else {
      overflow = Array(bytes)
    }
  }

  /// Copies a sequence of bytes.
  package init(_ bytes: some Collection<UInt8>) {
    self = Array(bytes).withUnsafeBytes { InlineBytes($0) }
  }

  /// The number of bytes.
  package var count: Int { overflow?.count ?? Int(inlineCount) }

  /// Whether these bytes are a routing id that libzmq has made: a zero and a number (zmq_socket(3), ZMQ_ROUTER).
  package var isMadeByZeroMQ: Bool { count == 5 && withUnsafeBytes { $0[0] == 0 } }

  /// Gives access to the bytes for the duration of the closure.
  @inline(__always)
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if let overflow { return overflow.withUnsafeBytes(body) }
    return Swift.withUnsafeBytes(of: words) { body(UnsafeRawBufferPointer(rebasing: $0[..<Int(inlineCount)])) }
  }

  /// Compares with bytes elsewhere.
  @inline(__always)
  package func equals(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard count == bytes.count else { return false }
    return withUnsafeBytes { mine in mine.equals(bytes) }
  }

  package static func == (left: InlineBytes, right: InlineBytes) -> Bool {
    guard left.count == right.count else { return false }
    if left.overflow == nil, right.overflow == nil {
      return left.words.0 == right.words.0 && left.words.1 == right.words.1 && left.words.2 == right.words.2
        && left.words.3 == right.words.3 && left.words.4 == right.words.4 && left.words.5 == right.words.5
    }
    return left.withUnsafeBytes { right.equals($0) }
  }

  package func hash(into hasher: inout Hasher) {
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}
