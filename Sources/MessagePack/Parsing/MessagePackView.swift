import CMessagePack

/// Looks at a parsed value without copying it.
///
/// ```swift
/// try MessagePackParser.withView(of: bytes) { view in
///   guard view.kind == .array, view.count == 3 else { return }
///   let name = try view[1].decode(String.self)
/// }
/// ```
///
/// A view points into the parsed message: it is valid only inside the closure that handed out the message's first view.
public struct MessagePackView {
  let pointer: UnsafePointer<msgpack_object>

  init(pointer: UnsafePointer<msgpack_object>) {
    self.pointer = pointer
  }

  /// The view of a nil that is in no message.
  static var `nil`: MessagePackView { MessagePackView(pointer: NilObject.pointer) }

  /// The kind of the value.
  public var kind: MessagePackKind {
    switch pointer.pointee.type {
    case MSGPACK_OBJECT_BOOLEAN: .bool
    case MSGPACK_OBJECT_POSITIVE_INTEGER, MSGPACK_OBJECT_NEGATIVE_INTEGER: .integer
    case MSGPACK_OBJECT_FLOAT32, MSGPACK_OBJECT_FLOAT64: .double
    case MSGPACK_OBJECT_STR: .string
    case MSGPACK_OBJECT_BIN: .binary
    case MSGPACK_OBJECT_ARRAY: .array
    case MSGPACK_OBJECT_MAP: .map
    case MSGPACK_OBJECT_EXT: .extension
    default: .nil
    }
  }

  /// Whether the value is nil.
  public var isNil: Bool {
    pointer.pointee.type == MSGPACK_OBJECT_NIL
  }

  /// The number of elements of an array or of pairs of a map, 0 for anything else.
  public var count: Int {
    switch pointer.pointee.type {
    case MSGPACK_OBJECT_ARRAY: Int(pointer.pointee.via.array.size)
    case MSGPACK_OBJECT_MAP: Int(pointer.pointee.via.map.size)
    default: 0
    }
  }

  /// Looks at an element of an array. It is nil (the MessagePack value) if there is none at the index.
  ///
  /// - Parameter index: The element's index, from 0.
  public subscript(index: Int) -> MessagePackView {
    let object = pointer.pointee
    guard object.type == MSGPACK_OBJECT_ARRAY, index >= 0, index < Int(object.via.array.size),
      let elements = object.via.array.ptr
    else { return .nil }
    return MessagePackView(pointer: elements + index)
  }

  /// Looks at an element of an array.
  ///
  /// - Parameter index: The element's index, from 0.
  /// - Returns: The view of the element.
  /// - Throws: A ``MessagePackError`` if the value is no array or has no element there.
  public func element(at index: Int) throws(MessagePackError) -> MessagePackView {
    guard kind == .array else { throw mismatch(expected: "an array", advice: "send a list") }
    guard index >= 0, index < count else {
      throw MessagePackError(
        code: .outOfRange,
        message: "expected an element at index \(index), found an array of \(count); send more elements")
    }
    return self[index]
  }

  /// Looks at the key of a pair of a map. It is nil (the MessagePack value) if there is none at the position.
  ///
  /// - Parameter position: The pair's position in the message, from 0.
  /// - Returns: The view of the key.
  public func key(at position: Int) -> MessagePackView {
    guard let pair = pair(at: position) else { return .nil }
    return MessagePackView(pointer: pair.pointer(to: \.key) ?? NilObject.pointer)
  }

  /// Looks at the value of a pair of a map. It is nil (the MessagePack value) if there is none at the position.
  ///
  /// - Parameter position: The pair's position in the message, from 0.
  /// - Returns: The view of the value.
  public func value(at position: Int) -> MessagePackView {
    guard let pair = pair(at: position) else { return .nil }
    return MessagePackView(pointer: pair.pointer(to: \.val) ?? NilObject.pointer)
  }

  /// Looks up a value of a map by its key, which may have been sent as string or, as Python 2 does, as binary.
  ///
  /// - Parameter key: The key. The last pair counts if several have it.
  public subscript(key: String) -> MessagePackView? {
    let object = pointer.pointee
    guard object.type == MSGPACK_OBJECT_MAP, let pairs = object.via.map.ptr else { return nil }
    let count = Int(object.via.map.size)
    var key = key
    let found = key.withUTF8 { wanted -> Int? in
      // An empty string has an address too: only an empty buffer of another kind has none.
      guard let start = wanted.baseAddress else { return nil }
      var position = count - 1
      while position >= 0 {
        let key = pairs[position].key
        // A string and binary lie alike in libmsgpack's union.
        if key.type == MSGPACK_OBJECT_STR || key.type == MSGPACK_OBJECT_BIN, Int(key.via.str.size) == wanted.count,
          wanted.isEmpty || memcmp(key.via.str.ptr, start, wanted.count) == 0
        {
          return position
        }
        position -= 1
      }
      return nil
    }
    return found.map { value(at: $0) }
  }

  private func pair(at position: Int) -> UnsafePointer<msgpack_object_kv>? {
    let object = pointer.pointee
    guard object.type == MSGPACK_OBJECT_MAP, position >= 0, position < Int(object.via.map.size),
      let pairs = object.via.map.ptr
    else { return nil }
    return UnsafePointer(pairs + position)
  }
}

// It points into memory of the thread that parses.
@available(*, unavailable)
extension MessagePackView: Sendable {}

/// A nil that every thread may read.
enum NilObject {
  // Written once, before anybody sees the address, and never freed.
  nonisolated(unsafe) static let pointer: UnsafePointer<msgpack_object> = {
    let pointer = UnsafeMutablePointer<msgpack_object>.allocate(capacity: 1)
    pointer.initialize(to: msgpack_object())
    return UnsafePointer(pointer)
  }()
}
