/// Writes bytes as printable text and reads them back: ZeroMQ's Base-85 (RFC 32), five characters for four bytes.
public enum ZMQZ85 {
  private static let alphabet = Array(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: .max, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()

  /// Writes bytes as text; nil unless their number is a multiple of four.
  public static func encode(_ bytes: some Collection<UInt8>) -> String? {
    bytes.count % 4 == 0 ? encode(checked: Array(bytes)) : nil
  }

  static func encode(checked bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 4 * 5)
    for start in stride(from: 0, to: bytes.count - 3, by: 4) {
      let word = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      var divisor: UInt32 = 85 * 85 * 85 * 85
      while divisor > 0 {
        text.append(alphabet[Int(word / divisor % 85)])
        divisor /= 85
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads bytes from text; nil if it is no Z85.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count % 5 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 5 * 4)
    for start in stride(from: 0, to: characters.count, by: 5) {
      var word: UInt64 = 0
      for character in characters[start..<start + 5] {
        let value = values[Int(character)]
        guard value != .max else { return nil }
        word = word * 85 + UInt64(value)
      }
      guard word <= UInt64(UInt32.max) else { return nil }
      for shift in [24, 16, 8, 0] as [UInt64] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return bytes
  }
}
