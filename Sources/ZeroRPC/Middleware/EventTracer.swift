internal import Logging

/// Logs every event at trace level. There is none when that level is off, which is looked up once per connection.
struct EventTracer: Sendable {
  private let logger: Logger
  private let role: String

  init?(_ logger: Logger, role: String) {
    guard logger.logLevel <= .trace else { return nil }
    self.logger = logger
    self.role = role
  }

  /// Says which way an event goes.
  enum Direction: String { case sent, received }

  /// Logs an event by its name, channel and size.
  func log(_ direction: Direction, _ bytes: UnsafeRawBufferPointer) {
    guard let layout = try? EventReader.read(bytes) else { return }
    logger.trace(
      "event \(direction)",
      metadata: [
        "role": "\(role)", "name": "\(EventTracer.text(bytes[layout.name]))", "bytes": "\(bytes.count)",
        "channel": "\(EventTracer.identifier(bytes[layout.responseTo ?? layout.messageID]))",
      ])
  }

  private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: bytes.prefix(80), as: UTF8.self)
  }

  /// An id without its type bytes, if it is text; otherwise its bytes.
  static func identifier(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    let digits: Slice<UnsafeRawBufferPointer>
    switch bytes.first {
    case 0xC4, 0xD9: digits = bytes.dropFirst(2)
    case .some(0xA0...0xBF): digits = bytes.dropFirst()
    default: digits = bytes.prefix(0)
    }
    if !digits.isEmpty, digits.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return text(digits) }
    return hexadecimal(bytes)
  }

  /// The first 64 bytes, as digits.
  static func hexadecimal(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    bytes.prefix(64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
