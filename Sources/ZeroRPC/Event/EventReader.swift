internal import MessagePack

/// Says where the parts of an event stand in a received payload (PROTOCOL 1.2). Nothing is copied.
package struct EventLayout: Sendable {
  /// The event's own id, with its MessagePack type byte; empty when absent.
  package var messageID: Range<Int> = 0..<0
  /// The id of the channel that the event belongs to, with its type byte; nil on an event that opens one.
  package var responseTo: Range<Int>?
  /// The protocol version; 1 when absent.
  package var version = 1
  /// The UTF-8 bytes of the name.
  package var name: Range<Int> = 0..<0
  /// Where the arguments begin.
  package var arguments = 0
  /// The time that is left to the caller, in milliseconds, when it said so.
  package var remainingMilliseconds: Int64?
  /// The time that a stream has in all, in milliseconds, when the caller said so.
  package var streamMilliseconds: Int64?
  /// Whether the event cancels its channel.
  package var isCancellation = false
  /// Whether the caller waits for no answer.
  package var isOneWay = false
  /// The whole header map, for what is not listed above.
  package var header: Range<Int> = 0..<0
  package var headerEntries = 0
  /// How many entries of the header are none of the protocol's: the task context.
  package var foreignEntries = 0
  /// The encoded form of a declared error, with its type byte.
  package var error: Range<Int>?
}

/// Explains why a payload is not an event.
package struct MalformedEvent: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  /// Makes an explanation.
  package init(description: String) { self.description = description }
}

/// Reads the header and the name of events without touching the arguments.
package enum EventReader {
  /// A header larger than this is not looked at, so that no peer can keep the loop busy with one, in bytes.
  package static let maximumHeaderBytes = 64 * 1024

  /// Finds the parts of an event.
  package static func read(_ bytes: UnsafeRawBufferPointer) throws(MalformedEvent) -> EventLayout {
    if let layout = readCommon(bytes) { return layout }
    return try readAny(bytes)
  }

  /// Finds the parts of an event whose header is `message_id`, `v` and perhaps `response_to`, as Swift writes it and Python
  /// 3 too, with ids of 32 digits; nil for any other.
  @inline(__always)
  private static func readCommon(_ bytes: UnsafeRawBufferPointer) -> EventLayout? {
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    let requestHeader = 50
    let replyHeader = 96
    guard bytes.count > requestHeader, bytes[0] == 0x93,
      // A string of ten bytes and binary of 32: "message_id" in two words that overlap.
      word(2) == 0x6567_6173_7365_6DAA, word(7) == 0x20C4_6469_5F65_6761,
      // "v": 3
      bytes[47] == 0xA1, bytes[48] == UInt8(ascii: "v"), bytes[49] == 3
    else { return nil }
    var layout = EventLayout()
    layout.messageID = 13..<47
    layout.version = 3
    var cursor = Cursor(bytes)
    switch bytes[1] {
    case 0x82:
      layout.headerEntries = 2
      cursor.offset = requestHeader
    case 0x83:
      // "response_to" in two words that overlap.
      guard bytes.count > replyHeader, word(50) == 0x736E_6F70_7365_72AB, word(56) == 0x20C4_6F74_5F65_736E else {
        return nil
      }
      layout.headerEntries = 3
      layout.responseTo = 62..<replyHeader
      cursor.offset = replyHeader
    default: return nil
    }
    layout.header = 1..<cursor.offset
    guard let name = cursor.text() else { return nil }
    layout.name = name
    layout.arguments = cursor.offset
    return layout
  }

  private static func readAny(_ bytes: UnsafeRawBufferPointer) throws(MalformedEvent) -> EventLayout {
    var cursor = Cursor(bytes)
    guard cursor.next() == 0x93 else {
      throw MalformedEvent(description: "not an array of header, name and arguments")
    }
    var layout = EventLayout()
    let start = cursor.offset
    guard let entries = cursor.mapHeader() else { throw MalformedEvent(description: "the header is not a map") }
    layout.headerEntries = entries
    for _ in 0..<entries {
      guard cursor.offset - start <= maximumHeaderBytes else {
        throw MalformedEvent(description: "the header is larger than \(maximumHeaderBytes) bytes")
      }
      guard let key = cursor.text() else { throw MalformedEvent(description: "a header key is not a string") }
      let value = cursor.offset
      switch Key(UnsafeRawBufferPointer(rebasing: bytes[key])) {
      case .messageID:
        try cursor.skip()
        layout.messageID = value..<cursor.offset
      case .responseTo:
        try cursor.skip()
        layout.responseTo = bytes[value] == 0xC0 ? nil : value..<cursor.offset
      case .version:
        layout.version = Int(clamping: try cursor.integer() ?? 1)
      case .remaining:
        layout.remainingMilliseconds = try cursor.integer()
      case .cancel:
        layout.isCancellation = true
        try cursor.skip()
      case .oneWay:
        layout.isOneWay = true
        try cursor.skip()
      case .streamRemaining:
        layout.streamMilliseconds = try cursor.integer()
      case .error:
        try cursor.skip()
        layout.error = value..<cursor.offset
      case .other:
        layout.foreignEntries += 1
        try cursor.skip()
      }
    }
    layout.header = start..<cursor.offset
    guard let name = cursor.text() else { throw MalformedEvent(description: "the name is not a string") }
    layout.name = name
    layout.arguments = cursor.offset
    return layout
  }

  /// Reads the number of a credit grant, `[n]`; nil when it is anything else.
  package static func grant(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int64? {
    var cursor = Cursor(bytes)
    cursor.offset = offset
    guard cursor.next() == 0x91 else { return nil }
    guard let value = try? cursor.integer() else { return nil }
    return value
  }

  private enum Key {
    case messageID, responseTo, version, remaining, streamRemaining, cancel, oneWay, error, other

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
      switch bytes.count {
      case 1 where bytes[0] == UInt8(ascii: "v"): self = .version
      case 10 where bytes.equals("message_id"): self = .messageID
      case 10 where bytes.equals(EventWriter.errorKey): self = .error
      case 11 where bytes.equals("response_to"): self = .responseTo
      case 11 where bytes.equals(EventWriter.cancelKey): self = .cancel
      case 11 where bytes.equals(EventWriter.oneWayKey): self = .oneWay
      case 12 where bytes.equals(EventWriter.remainingKey): self = .remaining
      case 19 where bytes.equals(EventWriter.streamRemainingKey): self = .streamRemaining
      default: self = .other
      }
    }
  }

  /// Walks over MessagePack bytes.
  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    @inline(__always)
    mutating func next() -> UInt8? {
      guard offset < bytes.count else { return nil }
      defer { offset += 1 }
      return bytes[offset]
    }

    @inline(__always)
    mutating func bigEndian(_ width: Int) -> UInt64? {
      guard bytes.count - offset >= width else { return nil }
      var value: UInt64 = 0
      for index in 0..<width { value = value << 8 | UInt64(bytes[offset + index]) }
      offset += width
      return value
    }

    @inline(__always)
    mutating func mapHeader() -> Int? {
      guard let first = next() else { return nil }
      switch first {
      case 0x80...0x8F: return Int(first & 0x0F)
      case 0xDE: return bigEndian(2).map { Int($0) }
      case 0xDF: return bigEndian(4).map { Int($0) }
      default: return nil
      }
    }

    /// The bytes of a string, or of binary, which Python 2 peers write for one.
    @inline(__always)
    mutating func text() -> Range<Int>? {
      guard let first = next() else { return nil }
      let length: UInt64?
      switch first {
      case 0xA0...0xBF: length = UInt64(first & 0x1F)
      case 0xD9, 0xC4: length = bigEndian(1)
      case 0xDA, 0xC5: length = bigEndian(2)
      case 0xDB, 0xC6: length = bigEndian(4)
      default: return nil
      }
      guard let length, length <= UInt64(bytes.count - offset) else { return nil }
      let start = offset
      offset += Int(length)
      return start..<offset
    }

    /// An integer, nil (and skipped) when the value is something else.
    mutating func integer() throws(MalformedEvent) -> Int64? {
      guard offset < bytes.count else { throw MalformedEvent(description: "the event is truncated") }
      let first = bytes[offset]
      let start = offset
      offset += 1
      switch first {
      case 0x00...0x7F: return Int64(first)
      case 0xE0...0xFF: return Int64(Int8(bitPattern: first))
      case 0xCC: if let value = bigEndian(1) { return Int64(value) }
      case 0xCD: if let value = bigEndian(2) { return Int64(value) }
      case 0xCE: if let value = bigEndian(4) { return Int64(value) }
      case 0xCF: if let value = bigEndian(8) { return Int64(clamping: value) }
      case 0xD0: if let value = bigEndian(1) { return Int64(Int8(truncatingIfNeeded: value)) }
      case 0xD1: if let value = bigEndian(2) { return Int64(Int16(truncatingIfNeeded: value)) }
      case 0xD2: if let value = bigEndian(4) { return Int64(Int32(truncatingIfNeeded: value)) }
      case 0xD3: if let value = bigEndian(8) { return Int64(bitPattern: value) }
      case 0xCB:  // Node writes what exceeds 32 bits as a float
        if let value = bigEndian(8) { return Int64(exactly: Double(bitPattern: value).rounded(.towardZero)) }
      default:
        offset = start
        try skip()
        return nil
      }
      throw MalformedEvent(description: "the event is truncated")
    }

    @inline(__always)
    mutating func skip() throws(MalformedEvent) {
      // Ids are nearly always short strings or binary.
      if offset + 1 < bytes.count {
        let first = bytes[offset]
        if first == 0xC4 || first == 0xD9 {
          let end = offset + 2 + Int(bytes[offset + 1])
          if end <= bytes.count {
            offset = end
            return
          }
        }
      }
      do {
        offset = try MessagePackParser.skip(bytes, from: offset)
      } catch {
        throw MalformedEvent(description: "the header is broken: \(error)")
      }
    }
  }
}
