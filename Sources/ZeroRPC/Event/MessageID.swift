/// Makes the ids of events: 32 hexadecimal digits as `bin`, the form that zerorpc-python writes.
///
/// The first 16 digits are two numbers, the last 16 are random and fixed per connection. An id that opens a channel
/// carries the channel's slot and a generation, so that a reply finds its channel without a hash table.
package struct MessageIDGenerator: Sendable {
  /// The MessagePack bytes of an id: `c4 20` and 32 digits.
  package static let encodedCount = 34

  private let suffix: (UInt64, UInt64)
  private var counter: UInt32 = 0

  /// Makes a generator with a random suffix.
  package init() {
    var generator = SystemRandomNumberGenerator()
    suffix = MessageIDGenerator.digits(generator.next())
  }

  /// Writes 32 digits that carry two numbers.
  @inline(__always)
  package func write(_ high: UInt32, _ low: UInt32, to target: UnsafeMutableRawPointer) {
    let (first, second) = MessageIDGenerator.digits(UInt64(high) << 32 | UInt64(low))
    target.storeBytes(of: first, as: UInt64.self)
    target.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
    target.storeBytes(of: suffix.0, toByteOffset: 16, as: UInt64.self)
    target.storeBytes(of: suffix.1, toByteOffset: 24, as: UInt64.self)
  }

  /// Writes 32 digits for an event inside a channel; no slot has this number.
  @inline(__always)
  package mutating func writeNext(to target: UnsafeMutableRawPointer) {
    counter &+= 1
    write(.max, counter, to: target)
  }

  /// The first number of the ids of one-way calls; no slot has it.
  package static let oneWayMark = UInt32.max - 1

  /// Writes 32 digits for a request that nobody waits for.
  @inline(__always)
  package mutating func writeOneWay(to target: UnsafeMutableRawPointer) {
    counter &+= 1
    write(MessageIDGenerator.oneWayMark, counter, to: target)
  }

  /// The MessagePack bytes of an id that carries two numbers.
  package func encoded(_ high: UInt32, _ low: UInt32) -> InlineBytes {
    withUnsafeTemporaryAllocation(byteCount: MessageIDGenerator.encodedCount, alignment: 8) { buffer in
      guard let base = buffer.baseAddress else { return InlineBytes() }
      buffer[0] = 0xC4
      buffer[1] = 32
      write(high, low, to: base + 2)
      return InlineBytes(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Reads the two numbers of an id that this generator wrote; nil for anybody else's.
  @inline(__always)
  package func read(_ encoded: UnsafeRawBufferPointer) -> (high: UInt32, low: UInt32)? {
    guard encoded.count == MessageIDGenerator.encodedCount, encoded[0] == 0xC4, encoded[1] == 32,
      encoded.loadUnaligned(fromByteOffset: 18, as: UInt64.self) == suffix.0,
      encoded.loadUnaligned(fromByteOffset: 26, as: UInt64.self) == suffix.1
    else { return nil }
    guard let high = MessageIDGenerator.number(encoded.loadUnaligned(fromByteOffset: 2, as: UInt64.self)),
      let low = MessageIDGenerator.number(encoded.loadUnaligned(fromByteOffset: 10, as: UInt64.self))
    else { return nil }
    return (high, low)
  }

  /// The number that eight hexadecimal digits in memory order stand for; nil for anything that ``spread(_:)`` does not write.
  @inline(__always)
  private static func number(_ digits: UInt64) -> UInt32? {
    let text = UInt64(littleEndian: digits)
    // Bit 6 is set in letters, whose low four bits begin at 1.
    let letters = (text >> 6) & 0x0101_0101_0101_0101
    var value = ((text & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9).byteSwapped
    value = (value | value >> 4) & 0x00FF_00FF_00FF_00FF
    value = (value | value >> 8) & 0x0000_FFFF_0000_FFFF
    let number = UInt32(truncatingIfNeeded: value | value >> 16)
    return spread(number) == digits ? number : nil
  }

  /// The 16 hexadecimal digits of a number as two words in memory order.
  @inline(__always)
  private static func digits(_ number: UInt64) -> (UInt64, UInt64) {
    (spread(UInt32(truncatingIfNeeded: number >> 32)), spread(UInt32(truncatingIfNeeded: number)))
  }

  /// Eight hexadecimal digits at once: nibbles are spread over the bytes of a word, then turned into ASCII together.
  @inline(__always)
  private static func spread(_ number: UInt32) -> UInt64 {
    var word = UInt64(number)
    word = ((word & 0xFFFF_0000) << 16) | (word & 0xFFFF)
    word = ((word << 8) | word) & 0x00FF_00FF_00FF_00FF
    word = ((word << 4) | word) & 0x0F0F_0F0F_0F0F_0F0F
    // 0...9 → "0"..."9", 10...15 → "a"..."f"
    let letters = ((word &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
    let ascii = word &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    return ascii.bigEndian
  }
}
