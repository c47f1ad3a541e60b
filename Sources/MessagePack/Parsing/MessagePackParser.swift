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
  ///   - consumed: Is set to the number of bytes that the first value takes, also if the closure throws.
  ///   - body: The closure. The view, and every view made from it, is valid only until it returns.
  /// - Returns: What the closure returns.
  /// - Throws: A ``MessagePackError`` if the bytes are not MessagePack, or what the closure throws.
  @inlinable
  public static func withView<R>(
    of bytes: UnsafeRawBufferPointer, consumed: inout Int, body: (MessagePackView) throws -> R
  ) throws -> R {
    let tree = try ParsedTree(parsing: bytes)
    defer { tree.giveBack() }
    consumed = tree.consumed
    return try body(tree.root)
  }

  /// Parses the first value of bytes that an object keeps alive and nobody else uses, and calls a closure with a view of it.
  ///
  /// Large values may refer to the bytes afterwards instead of copying them.
  package static func withView<R>(
    of bytes: UnsafeRawBufferPointer, ownedBy owner: some AnyObject & Sendable, body: (MessagePackView) throws -> R
  ) throws -> R {
    try ThreadCache.withSource(ParsingSource(owner: owner, bytes: bytes)) { try withView(of: bytes, body: body) }
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

/// The object tree that libmsgpack made of a message.
///
/// Not a noncopyable type with a `deinit`: Swift 6.3 crashes when it inlines such a one into an `@inlinable` function.
@usableFromInline
struct ParsedTree {
  private let space: UnsafeMutablePointer<ParsingSpace>
  @usableFromInline let consumed: Int

  @usableFromInline
  init(parsing bytes: UnsafeRawBufferPointer) throws(MessagePackError) {
    let end = try MessagePackParser.skip(bytes)
    guard let space = ThreadCache.takeParsingSpace() else { throw Self.outOfMemory }
    var offset = 0
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    // Handing over the first value only: what stands behind it is not libmsgpack's business. Its newer function would free
    // the zone and allocate another one at every parse; this one uses the same one again.
    let status = msgpack_unpack(start, end, &offset, space.pointee.zone, &space.pointee.root)
    guard status == MSGPACK_UNPACK_SUCCESS else {
      ThreadCache.giveBack(space)
      throw status == MSGPACK_UNPACK_NOMEM_ERROR ? Self.outOfMemory : Self.rejected
    }
    self.space = space
    consumed = end
  }

  /// Ends the use of the tree, and of every view into it.
  @usableFromInline
  func giveBack() {
    ThreadCache.giveBack(space)
  }

  @usableFromInline
  var root: MessagePackView {
    MessagePackView(pointer: space.pointer(to: \.root).map { UnsafePointer($0) } ?? NilObject.pointer)
  }

  private static var outOfMemory: MessagePackError {
    MessagePackError(code: .outOfMemory, message: "no memory to parse the message; send less at once")
  }

  private static var rejected: MessagePackError {
    MessagePackError(code: .malformed, message: "libmsgpack rejects the bytes; is the peer using MessagePack?")
  }
}
