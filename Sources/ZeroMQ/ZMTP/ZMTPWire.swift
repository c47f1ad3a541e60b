/// Names the bytes of ZMTP 3.1 (RFC 37) and, where they differ, of ZMTP 2.0 (RFC 15), which libzmq 3 speaks.
enum ZMTPWire {
  /// The bits of a frame's first byte.
  enum Flag {
    static let more: UInt8 = 1
    static let large: UInt8 = 2
    static let command: UInt8 = 4
  }

  /// The longest header of a frame: flags, and a length of eight bytes.
  static let longestHeader = 9
  /// The longest command that is accepted, in bytes; those of the NULL mechanism are some dozens.
  static let longestCommand: UInt64 = 16 * 1024

  /// What both sides send at once: the signature, and the major version. The rest depends on the other's version.
  static let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3]

  /// What follows the signature for a peer of ZMTP 3: the minor version, the mechanism NULL, no server, and filler.
  static let greeting: [UInt8] =
    [1] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 16) + [0] + [UInt8](repeating: 0, count: 31)

  /// Writes the header of a frame; returns its length.
  @inline(__always)
  static func writeHeader(flags: UInt8, count: Int, to target: UnsafeMutableRawPointer) -> Int {
    if count <= 255 {
      target.storeBytes(of: flags, as: UInt8.self)
      target.storeBytes(of: UInt8(truncatingIfNeeded: count), toByteOffset: 1, as: UInt8.self)
      return 2
    }
    target.storeBytes(of: flags | Flag.large, as: UInt8.self)
    (target + 1).storeBytes(of: UInt64(count).bigEndian, as: UInt64.self)
    return longestHeader
  }

  /// A command: a frame whose content begins with a name.
  static func command(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = [UInt8(name.utf8.count)] + Array(name.utf8) + content
    if body.count <= 255 { return [Flag.command, UInt8(body.count)] + body }
    let size = withUnsafeBytes(of: UInt64(body.count).bigEndian) { Array($0) }
    return [Flag.command | Flag.large] + size + body
  }

  /// The command by which a side of the mechanism NULL says what it is.
  static func ready(_ type: ZMQSocketType) -> [UInt8] {
    command("READY", property("Socket-Type", Array(type.description.utf8)) + property("Identity", []))
  }

  private static func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
    let size = withUnsafeBytes(of: UInt32(value.count).bigEndian) { Array($0) }
    return [UInt8(name.utf8.count)] + Array(name.utf8) + size + value
  }

  /// Splits a command's content into its name and the rest; nil when it is malformed.
  static func parseCommand(_ content: UnsafeRawBufferPointer) -> (name: String, rest: UnsafeRawBufferPointer)? {
    guard let length = content.first.map(Int.init), length > 0, content.count > length else { return nil }
    let name = String(decoding: content[1...length], as: UTF8.self)
    return (name, UnsafeRawBufferPointer(rebasing: content[(length + 1)...]))
  }

  /// Reads metadata, names in lower case; nil when it is malformed.
  static func parseProperties(_ bytes: UnsafeRawBufferPointer) -> [String: [UInt8]]? {
    var properties: [String: [UInt8]] = [:]
    var rest = bytes[...]
    while let length = rest.first.map(Int.init) {
      rest = rest.dropFirst()
      guard length > 0, rest.count >= length + 4 else { return nil }
      let name = String(decoding: rest.prefix(length), as: UTF8.self)
      rest = rest.dropFirst(length)
      let size = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard rest.count >= size else { return nil }
      properties[name.lowercased()] = Array(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return properties
  }
}

extension ZMQSocketType {
  /// The number in ZMTP 2.0.
  var wireNumber: UInt8 { self == .router ? 6 : 5 }

  /// Whether a socket of this type, a DEALER or a ROUTER, may talk to one of a type by its name.
  func accepts(_ name: String) -> Bool {
    name == "DEALER" || name == "ROUTER" || name == (self == .router ? "REQ" : "REP")
  }

  /// The same by the number in ZMTP 2.0.
  func accepts(number: UInt8) -> Bool { number == 5 || number == 6 || number == (self == .router ? 3 : 4) }
}
