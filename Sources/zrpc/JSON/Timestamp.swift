internal import Foundation
internal import MessagePack

/// Converts MessagePack's timestamps, extension type -1, to and from text, exact to the nanosecond.
struct Timestamp: Equatable {
  private static let extensionType: Int8 = -1

  /// Seconds since 1970-01-01 UTC.
  var seconds: Int64
  /// From 0 to 999,999,999.
  var nanoseconds: UInt32

  /// Reads the bytes of an extension; nil if they are no timestamp.
  init?(extensionType: Int8, _ bytes: Data) {
    guard extensionType == Self.extensionType else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes.dropFirst(range.lowerBound).prefix(range.count).bigEndianNumber }
    switch bytes.count {
    case 4: (seconds, nanoseconds) = (Int64(number(0..<4)), 0)
    case 8:
      let packed = number(0..<8)
      (seconds, nanoseconds) = (Int64(packed & 0x3_ffff_ffff), UInt32(packed >> 34))
    case 12: (seconds, nanoseconds) = (Int64(bitPattern: number(4..<12)), UInt32(number(0..<4)))
    default: return nil
    }
    guard nanoseconds < 1_000_000_000 else { return nil }
  }

  /// Reads a time as `2025-11-21T02:00:00.5Z`; nil if it is none.
  init?(text: String) {
    guard text.hasSuffix("Z") else { return nil }
    let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let date = try? Date("\(parts[0])Z", strategy: .iso8601), Self.text(of: date) == "\(parts[0])Z" else {
      return nil
    }
    seconds = Int64(date.timeIntervalSince1970)
    nanoseconds = 0
    guard self.text != nil else { return nil }
    guard parts.count == 2 else { return }
    let digits = parts[1]
    guard (1...9).contains(digits.count), digits.allSatisfy({ ("0"..."9").contains($0) }),
      let fraction = UInt32(digits + String(repeating: "0", count: 9 - digits.count))
    else { return nil }
    nanoseconds = fraction
  }

  /// The time as text; nil outside the years 1583 to 9999.
  var text: String? {
    // Earlier years would be of the Julian calendar in Foundation; later ones have five digits.
    guard (-12_212_553_600..<253_402_300_800).contains(seconds) else { return nil }
    let whole = Self.text(of: Date(timeIntervalSince1970: Double(seconds)))
    guard nanoseconds > 0 else { return whole }
    let digits = String(nanoseconds)
    let fraction = String(repeating: "0", count: 9 - digits.count) + digits
    return "\(whole.dropLast()).\(fraction.trimmingSuffix { $0 == "0" })Z"
  }

  /// The extension, in its shortest form.
  var value: MessagePackValue {
    var bytes = Data()
    if seconds >= 0, seconds < 1 << 34 {
      let packed = UInt64(nanoseconds) << 34 | UInt64(seconds)
      bytes.append(bigEndian: packed, count: packed >> 32 == 0 ? 4 : 8)
    } else {
      bytes.append(bigEndian: UInt64(nanoseconds), count: 4)
      bytes.append(bigEndian: UInt64(bitPattern: seconds), count: 8)
    }
    return .ext(Self.extensionType, bytes)
  }

  private static func text(of date: Date) -> String { date.formatted(.iso8601) }
}

extension Data {
  /// Its bytes as one number.
  fileprivate var bigEndianNumber: UInt64 { reduce(0) { $0 << 8 | UInt64($1) } }

  /// Appends the lowest bytes of a number.
  fileprivate mutating func append(bigEndian number: UInt64, count: Int) {
    for index in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))) }
  }
}
