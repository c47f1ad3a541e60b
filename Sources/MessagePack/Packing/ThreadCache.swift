import CMessagePack

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#endif

/// Keeps one packing buffer and one space for parsing per thread, so that a call allocates neither.
///
/// A slot is emptied when its content is taken and filled when it is given back. So a nested use on the same thread finds
/// it empty and allocates, and what is given back on another thread, or twice, is kept there or freed.
enum ThreadCache {
  struct Slots {
    var buffer: UnsafeMutablePointer<packing_buffer>?
    var space: UnsafeMutablePointer<ParsingSpace>?
    /// Made by the first use of `Codable`.
    var traits: TypeTraitsTable?
    /// The bytes that are being parsed and who keeps them alive, when values may refer to them.
    var source: ParsingSource?
  }

  /// The largest buffer that an idle thread keeps, in bytes.
  static let largestKeptBuffer = 64 * 1024

  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    #if canImport(Darwin)
      let status = pthread_key_create(&key) { destroy($0) }
    #else
      let status = pthread_key_create(&key) { pointer in
        if let pointer { destroy(pointer) }
      }
    #endif
    return status == 0 ? key : nil
  }()

  /// Frees what a thread kept, when the thread ends.
  private static func destroy(_ pointer: UnsafeMutableRawPointer) {
    let slots = pointer.assumingMemoryBound(to: Slots.self)
    if let buffer = slots.pointee.buffer { free(buffer) }
    if let space = slots.pointee.space { free(space) }
    slots.pointee.traits?.deallocate()
    slots.deinitialize(count: 1)
    slots.deallocate()
  }

  private static func free(_ buffer: UnsafeMutablePointer<packing_buffer>) {
    if let base = buffer.pointee.base, buffer.pointee.capacity >= LargeBufferPool.threshold {
      LargeBufferPool.give(base, capacity: Int(buffer.pointee.capacity))
      buffer.pointee.base = nil
    }
    packing_buffer_free(buffer)
  }

  private static func free(_ space: UnsafeMutablePointer<ParsingSpace>) {
    msgpack_zone_free(space.pointee.zone)
    space.deinitialize(count: 1)
    space.deallocate()
  }

  @inline(__always)
  private static func slots() -> UnsafeMutablePointer<Slots>? {
    guard let key else { return nil }
    if let pointer = pthread_getspecific(key) { return pointer.assumingMemoryBound(to: Slots.self) }
    return makeSlots(key)
  }

  @inline(never)
  private static func makeSlots(_ key: pthread_key_t) -> UnsafeMutablePointer<Slots>? {
    let slots = UnsafeMutablePointer<Slots>.allocate(capacity: 1)
    slots.initialize(to: Slots())
    guard pthread_setspecific(key, slots) == 0 else {
      slots.deallocate()
      return nil
    }
    return slots
  }

  /// Takes an empty buffer, or makes one. Nil means that there is no memory.
  static func takeBuffer() -> UnsafeMutablePointer<packing_buffer>? {
    if let slots = slots(), let buffer = slots.pointee.buffer {
      slots.pointee.buffer = nil
      return buffer
    }
    return packing_buffer_new()
  }

  /// Gives a buffer back: kept by this thread if it keeps none yet and the buffer is small, freed otherwise.
  static func giveBack(_ buffer: UnsafeMutablePointer<packing_buffer>) {
    if buffer.pointee.capacity <= largestKeptBuffer, let slots = slots(), slots.pointee.buffer == nil {
      buffer.pointee.count = 0
      buffer.pointee.failure = 0
      buffer.pointee.enclosing_depth = 0
      slots.pointee.buffer = buffer
    } else {
      free(buffer)
    }
  }

  /// Takes an empty space for parsing, or makes one. Nil means that there is no memory.
  static func takeParsingSpace() -> UnsafeMutablePointer<ParsingSpace>? {
    if let slots = slots(), let space = slots.pointee.space {
      slots.pointee.space = nil
      return space
    }
    guard let zone = msgpack_zone_new(Int(MSGPACK_ZONE_CHUNK_SIZE)) else { return nil }
    let space = UnsafeMutablePointer<ParsingSpace>.allocate(capacity: 1)
    space.initialize(to: ParsingSpace(zone: zone, root: msgpack_object()))
    return space
  }

  /// Gives a space back. What its zone grew by is freed first: only its first chunk of 8 KiB stays.
  static func giveBack(_ space: UnsafeMutablePointer<ParsingSpace>) {
    msgpack_zone_clear(space.pointee.zone)
    if let slots = slots(), slots.pointee.space == nil {
      slots.pointee.space = space
    } else {
      free(space)
    }
  }

  /// Calls a closure while values that are unpacked on this thread may refer to a source instead of copying it.
  static func withSource<R>(_ source: ParsingSource, _ body: () throws -> R) rethrows -> R {
    guard let slots = slots() else { return try body() }
    let outer = slots.pointee.source
    slots.pointee.source = source
    defer { slots.pointee.source = outer }
    return try body()
  }

  /// The source that holds these bytes; nil when they must be copied.
  static func source(of bytes: UnsafeRawBufferPointer) -> ParsingSource? {
    guard let source = slots()?.pointee.source, source.holds(bytes) else { return nil }
    return source
  }

  /// Says what the encoder and the decoder must know of a type.
  static func traits(of type: Any.Type) -> TypeTraits {
    guard let slots = slots() else { return TypeTraits(of: type) }
    if let table = slots.pointee.traits { return table.traits(of: type) }
    let table = TypeTraitsTable()
    slots.pointee.traits = table
    return table.traits(of: type)
  }
}

/// What libmsgpack parses a message into.
struct ParsingSpace {
  /// Holds the containers of the object tree.
  let zone: UnsafeMutablePointer<msgpack_zone>
  var root: msgpack_object
}
