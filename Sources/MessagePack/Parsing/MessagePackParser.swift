import CMessagePack

/// Parses MessagePack bytes into a view of the values in them.
///
/// ```swift
/// let sum = try MessagePackParser.withView(of: bytes) { view in
///   try view.element(at: 0).decode(Int.self) + view.element(at: 1).decode(Int.self)
/// }
/// ```
///
/// Hostile bytes are an error, and cost at most memory in proportion to the bytes that are there: about 24 bytes for each
/// value in the message.
public enum MessagePackParser {
  /// The deepest nesting of arrays and maps that is accepted. libmsgpack's parser has a stack of 32.
  public static let maximumDepth = 32

  /// Parses the first value and calls a closure with a view of it. Bytes behind that value are ignored.
  ///
  /// - Parameters:
  ///   - bytes: The bytes. They must not change while the closure runs.
  ///   - body: The closure. The view, and every view made from it, is valid only until it returns.
  /// - Returns: What the closure returns.
  /// - Throws: A ``MessagePackError`` if the bytes are not MessagePack, or what the closure throws.
  @inlinable
  public static func withView<R>(
    of bytes: UnsafeRawBufferPointer, body: (MessagePackView) throws -> R
  ) throws -> R {
    var consumed = 0
    return try withView(of: bytes, consumed: &consumed, body: body)
  }

  /// Parses the first value, says how long it is, and calls a closure with a view of it.
  ///
  /// - Parameters:
  ///   - bytes: The bytes. They must not change while the closure runs.
  ///   - consumed: Is set to the number of bytes that the first value takes, before the closure runs.
  ///   - body: The closure. The view, and every view made from it, is valid only until it returns.
  /// - Returns: What the closure returns.
  /// - Throws: A ``MessagePackError`` if the bytes are not MessagePack, or what the closure throws.
  @inlinable
  public static func withView<R>(
    of bytes: UnsafeRawBufferPointer, consumed: inout Int, body: (MessagePackView) throws -> R
  ) throws -> R {
    let tree = try ParsedTree(parsing: bytes)
    consumed = tree.consumed
    return try tree.withView(body)
  }

  /// Finds the end of a value without parsing it. Allocates nothing.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - offset: Where the value begins.
  /// - Returns: The offset behind the value.
  /// - Throws: A ``MessagePackError`` if no complete value stands there.
  public static func skip(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0) throws(MessagePackError) -> Int {
    var scanner = Scanner(bytes: bytes, offset: offset)
    try scanner.skipValue()
    return scanner.offset
  }
}

/// Owns the object tree that libmsgpack made of a message.
@usableFromInline
struct ParsedTree: ~Copyable {
  /// Holds the tree's containers. libmsgpack's own result type would free its zone at every parse; this one is used again.
  private let zone: UnsafeMutablePointer<msgpack_zone>
  private let root: msgpack_object
  @usableFromInline let consumed: Int

  @usableFromInline
  init(parsing bytes: UnsafeRawBufferPointer) throws(MessagePackError) {
    let end = try MessagePackParser.skip(bytes)
    guard let zone = ThreadCache.takeZone() else { throw Self.outOfMemory }
    var root = msgpack_object()
    var offset = 0
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    // Handing over the first value only: what stands behind it is not libmsgpack's business.
    let status = msgpack_unpack(start, end, &offset, zone, &root)
    guard status == MSGPACK_UNPACK_SUCCESS else {
      ThreadCache.giveBack(zone)
      throw status == MSGPACK_UNPACK_NOMEM_ERROR ? Self.outOfMemory : Self.rejected
    }
    self.zone = zone
    self.root = root
    consumed = end
  }

  deinit {
    ThreadCache.giveBack(zone)
  }

  @usableFromInline
  borrowing func withView<R>(_ body: (MessagePackView) throws -> R) rethrows -> R {
    try withUnsafePointer(to: root) { try body(MessagePackView(pointer: $0)) }
  }

  private static var outOfMemory: MessagePackError {
    MessagePackError(code: .outOfMemory, message: "no memory to parse the message; send less at once")
  }

  private static var rejected: MessagePackError {
    MessagePackError(code: .malformed, message: "libmsgpack rejects the bytes; is the peer using MessagePack?")
  }
}
