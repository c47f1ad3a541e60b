internal import MessagePack

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writes the header and the name of events; arguments follow by the same packer. Beside ``EventReader`` the only place
/// that knows the byte layout.
///
/// What never changes is copied from templates; the event's own id is filled in when it is known.
package enum EventWriter {
  /// The header key that carries the caller's remaining time, in milliseconds. Other implementations ignore it.
  package static let remainingKey: StaticString = "zrpc_timeout"
  /// The header key that carries the time that a stream has in all, in milliseconds.
  package static let streamRemainingKey: StaticString = "zrpc_stream_timeout"
  /// The header key that carries a declared error in MessagePack, as binary, beside the three texts that every peer reads.
  package static let errorKey: StaticString = "zrpc_error"
  /// The header key that turns a heartbeat into a cancellation. To any other implementation it is a heartbeat like
  /// every other, so that no peer need announce that it understands.
  package static let cancelKey: StaticString = "zrpc_cancel"

  /// The header key of a request whose caller waits for no answer. A Swift server then sends none; any other answers, and
  /// nobody hears it.
  package static let oneWayKey: StaticString = "zrpc_oneway"

  /// `message_id` and the two type bytes in front of its 32 digits.
  private static let idKey: [UInt8] = [0xAA] + Array("message_id".utf8) + [0xC4, 0x20]
  private static let idDigits = [UInt8](repeating: UInt8(ascii: "0"), count: 32)
  private static let version: [UInt8] = [0xA1, UInt8(ascii: "v"), 3]
  /// To a request of version 1 a server sends no heartbeats and expects none until the first one comes.
  private static let passiveVersion: [UInt8] = [0xA1, UInt8(ascii: "v"), 1]

  /// `[{message_id: …, v: 3`, with one, two or three more entries to follow.
  private static func opening(entries: UInt8) -> [UInt8] { [0x93, 0x80 | entries] + idKey + idDigits + version }

  /// The MessagePack bytes of a short string.
  private static func text(_ text: StaticString) -> [UInt8] {
    text.withUTF8Buffer { [0xA0 | UInt8($0.count)] + Array($0) }
  }

  private static let plainOpening = opening(entries: 2)
  /// The openings of events with up to 15 entries.
  private static let openings = (0...15).map { opening(entries: $0) }
  private static let remainingText = text(remainingKey)
  private static let streamRemainingText = text(streamRemainingKey)
  private static let replyOpening = opening(entries: 3) + [0xAB] + Array("response_to".utf8)
  private static let cancelOpening =
    opening(entries: 4) + text(cancelKey) + [0xC3, 0xAB]
    + Array("response_to".utf8)
  private static let heartbeatEnd: [UInt8] = [0xA7] + Array("_zpc_hb".utf8) + [0x91, 0x00]

  /// Where the 32 digits of the event's own id stand in every event that is written here, except for those of more than 15
  /// header entries.
  package static let idOffset = 2 + idKey.count

  /// Where the 32 digits of an event's id stand.
  @inline(__always)
  static func idOffset(in event: UnsafeMutableRawBufferPointer) -> Int {
    event.count > 1 && event[1] == 0xDE ? idOffset + 2 : idOffset
  }

  /// Begins an event that opens a channel. The arguments must follow as one array.
  package static func open(_ method: String, into packer: inout MessagePackPacker) {
    append(plainOpening, to: &packer)
    packer.packString(method)
  }

  /// Begins an event that opens a channel and whose header holds more than every header does.
  static func open(
    _ method: String, _ limits: CallLimits.Announcement, _ headers: HeaderEntries, into packer: inout MessagePackPacker
  ) {
    begin(
      entries: 2 + headers.count + (limits.firstReply == nil ? 0 : 1) + (limits.stream == nil ? 0 : 1), into: &packer)
    if let milliseconds = limits.firstReply {
      append(remainingText, to: &packer)
      packer.packInteger(milliseconds)
    }
    if let milliseconds = limits.stream {
      append(streamRemainingText, to: &packer)
      packer.packInteger(milliseconds)
    }
    append(headers.bytes, to: &packer)
    packer.packString(method)
  }

  /// Begins a request whose caller waits for no answer. The arguments must follow as one array.
  ///
  /// It is one of version 1, so that no server ends its handler because the caller sends no heartbeats.
  static func openOneWay(_ method: String, _ headers: HeaderEntries, into packer: inout MessagePackPacker) {
    let count = 3 + headers.count
    append([0x93] + (count < 16 ? [0x80 | UInt8(count)] : [0xDE, UInt8(count >> 8), UInt8(count & 0xFF)]), to: &packer)
    append(oneWayEntries, to: &packer)
    append(headers.bytes, to: &packer)
    packer.packString(method)
  }

  private static let oneWayEntries = idKey + idDigits + passiveVersion + text(oneWayKey) + [0xC3]

  /// Begins an event on a channel. The arguments must follow.
  package static func reply(_ name: StaticString, to channel: InlineBytes, into packer: inout MessagePackPacker) {
    append(replyOpening, to: &packer)
    channel.withUnsafeBytes { packer.appendRaw($0) }
    name.withUTF8Buffer { packer.packString(utf8: UnsafeRawBufferPointer($0)) }
  }

  /// Begins an event on a channel whose header holds task context too. The arguments must follow.
  @inline(__always)
  static func reply(
    _ name: StaticString, to channel: InlineBytes, _ headers: HeaderEntries?, into packer: inout MessagePackPacker
  ) {
    guard let headers, headers.count > 0 else { return reply(name, to: channel, into: &packer) }
    begin(entries: 3 + headers.count, into: &packer)
    append(headers.bytes, to: &packer)
    end(name, to: channel, into: &packer)
  }

  /// Begins an `ERR` event that carries a declared error. The arguments must follow.
  static func failure(
    _ error: [UInt8], to channel: InlineBytes, _ headers: HeaderEntries?, into packer: inout MessagePackPacker
  ) {
    begin(entries: 4 + (headers?.count ?? 0), into: &packer)
    append(text(errorKey), to: &packer)
    error.withUnsafeBytes { packer.packBinary($0) }
    if let headers { append(headers.bytes, to: &packer) }
    end("ERR", to: channel, into: &packer)
  }

  /// Writes the opening of an event with any number of header entries, up to its version.
  private static func begin(entries count: Int, into packer: inout MessagePackPacker) {
    if count < openings.count {
      append(openings[count], to: &packer)
    } else {
      append([0x93, 0xDE, UInt8(count >> 8), UInt8(count & 0xFF)] + idKey + idDigits + version, to: &packer)
    }
  }

  /// Ends the header of an event on a channel, and names the event.
  private static func end(_ name: StaticString, to channel: InlineBytes, into packer: inout MessagePackPacker) {
    packer.packString("response_to")
    channel.withUnsafeBytes { packer.appendRaw($0) }
    name.withUTF8Buffer { packer.packString(utf8: UnsafeRawBufferPointer($0)) }
  }

  /// Writes a whole heartbeat.
  package static func heartbeat(to channel: InlineBytes, into packer: inout MessagePackPacker) {
    append(replyOpening, to: &packer)
    channel.withUnsafeBytes { packer.appendRaw($0) }
    append(heartbeatEnd, to: &packer)
  }

  /// Writes a whole cancellation: a heartbeat with a header key of ours.
  package static func cancellation(of channel: InlineBytes, into packer: inout MessagePackPacker) {
    append(cancelOpening, to: &packer)
    channel.withUnsafeBytes { packer.appendRaw($0) }
    append(heartbeatEnd, to: &packer)
  }

  /// Writes a whole credit grant.
  package static func grant(_ credit: Int, to channel: InlineBytes, into packer: inout MessagePackPacker) {
    reply("_zpc_more", to: channel, into: &packer)
    packer.packArrayHeader(1)
    packer.packInteger(Int64(credit))
  }

  @inline(__always)
  private static func append(_ bytes: [UInt8], to packer: inout MessagePackPacker) {
    bytes.withUnsafeBytes { packer.appendRaw($0) }
  }
}
