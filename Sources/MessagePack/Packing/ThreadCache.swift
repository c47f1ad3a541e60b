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

/// Keeps one packing buffer and one libmsgpack zone per thread, so that a call allocates neither.
///
/// A slot is emptied when its content is taken and filled when it is given back. So a nested use on the same thread finds
/// it empty and allocates, and what is given back on another thread, or twice, is kept there or freed.
enum ThreadCache {
  struct Slots {
    var buffer: UnsafeMutablePointer<packing_buffer>?
    var zone: UnsafeMutablePointer<msgpack_zone>?
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
    if let zone = slots.pointee.zone { msgpack_zone_free(zone) }
    slots.deinitialize(count: 1)
    slots.deallocate()
  }

  private static func free(_ buffer: UnsafeMutablePointer<packing_buffer>) {
    packing_buffer_free(buffer)
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

  /// Takes an empty zone, or makes one. Nil means that there is no memory.
  static func takeZone() -> UnsafeMutablePointer<msgpack_zone>? {
    if let slots = slots(), let zone = slots.pointee.zone {
      slots.pointee.zone = nil
      return zone
    }
    return msgpack_zone_new(Int(MSGPACK_ZONE_CHUNK_SIZE))
  }

  /// Gives a zone back. What it grew by is freed first: only its first chunk of 8 KiB stays.
  static func giveBack(_ zone: UnsafeMutablePointer<msgpack_zone>) {
    msgpack_zone_clear(zone)
    if let slots = slots(), slots.pointee.zone == nil {
      slots.pointee.zone = zone
    } else {
      msgpack_zone_free(zone)
    }
  }
}
