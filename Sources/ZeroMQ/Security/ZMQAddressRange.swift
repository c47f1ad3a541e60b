#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Holds one network address or a range of them, as `192.0.2.7`, `10.0.0.0/8` or `2001:db8::/32`.
public struct ZMQAddressRange: Sendable, Hashable, CustomStringConvertible {
  /// The bytes that every address of the range begins with; those behind ``bits`` are zero.
  private let prefix: [UInt8]
  private let bits: Int
  /// The range as it was written.
  public let description: String

  /// Reads a range.
  ///
  /// - Throws: ``ZMQError`` with `invalidArgument` for what is neither an address nor a range. Host names are none.
  public init(_ text: String) throws(ZMQError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first, let bytes = ZMQAddressRange.bytes(of: String(address)) else {
      throw ZMQAddressRange.malformed(text)
    }
    var bits = bytes.count * 8
    if parts.count == 2 {
      guard let number = Int(parts[1]), (0...bits).contains(number) else { throw ZMQAddressRange.malformed(text) }
      bits = number
    }
    self.bits = bits
    prefix = ZMQAddressRange.mask(bytes, bits)
    description = text
  }

  /// Whether an address lies in the range. One of IPv4 that is written as one of IPv6 counts as IPv4.
  public func contains(_ address: String) -> Bool {
    guard let bytes = ZMQAddressRange.bytes(of: address), bytes.count == prefix.count else { return false }
    return ZMQAddressRange.mask(bytes, bits) == prefix
  }

  private static func malformed(_ text: String) -> ZMQError {
    ZMQError(
      code: .invalidArgument,
      message: "'\(text.prefix(80))' is no address or range of addresses; write it as 192.0.2.7 or 10.0.0.0/8")
  }

  private static func mask(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
    bytes.enumerated().map { index, byte in
      let kept = max(0, min(8, bits - index * 8))
      return kept == 8 ? byte : byte & ~(0xFF >> UInt8(kept))
    }
  }

  private static func bytes(of text: String) -> [UInt8]? {
    // A link-local address may name its interface.
    let text = String(text.prefix { $0 != "%" })
    var bytes = [UInt8](repeating: 0, count: 4)
    if inet_pton(AF_INET, text, &bytes) == 1 { return bytes }
    bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
    return Array(bytes.prefix(12)) == mapped ? Array(bytes.suffix(4)) : bytes
  }
}
