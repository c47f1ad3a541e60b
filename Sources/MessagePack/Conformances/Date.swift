#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Seconds from 1970, where MessagePack counts from, to 2001, where Foundation does.
private let referenceDate: Int64 = 978_307_200

private let nanosecondsPerSecond: UInt32 = 1_000_000_000

extension Date: MessagePackEncodable, MessagePackDecodable {
  /// Packs the date as a timestamp, MessagePack's extension type -1, to the nanosecond.
  ///
  /// A `Date` of our time has a resolution of 119 nanoseconds, so that it arrives as it was.
  public func pack(into packer: inout MessagePackPacker) throws {
    let interval = timeIntervalSinceReferenceDate
    let whole = interval.rounded(.down)
    guard let wholeSeconds = Int64(exactly: whole) else {
      throw MessagePackError(
        code: .outOfRange, message: "a Date of \(interval) seconds does not fit a timestamp; send another date")
    }
    var (seconds, overflow) = wholeSeconds.addingReportingOverflow(referenceDate)
    var nanoseconds = UInt32(((interval - whole) * Double(nanosecondsPerSecond)).rounded())
    if nanoseconds >= nanosecondsPerSecond {
      nanoseconds = 0
      let (carried, carryOverflow) = seconds.addingReportingOverflow(1)
      seconds = carried
      overflow = overflow || carryOverflow
    }
    guard !overflow else {
      throw MessagePackError(
        code: .outOfRange, message: "a Date of \(interval) seconds does not fit a timestamp; send another date")
    }
    packer.packTimestamp(seconds: seconds, nanoseconds: nanoseconds)
  }

  /// Unpacks a timestamp (extension type -1), a number of seconds since 1970-01-01 UTC, which is what peers without a date type
  /// send, or what msgpack-lite, and with it zerorpc for Node, makes of a `Date` of JavaScript: a packed number of milliseconds
  /// as extension type 13.
  public static func unpack(from view: MessagePackView) throws -> Date {
    if view.kind == .extension {
      if let milliseconds = milliseconds(in: view) { return Date(timeIntervalSince1970: milliseconds / 1_000) }
      guard let (seconds, nanoseconds) = timestamp(in: view) else {
        throw view.mismatch(expected: "Date", advice: "send a timestamp of 4, 8 or 12 bytes, extension type -1")
      }
      guard nanoseconds < nanosecondsPerSecond else {
        throw MessagePackError(
          code: .invalidValue,
          message: "expected Date, found a timestamp of \(nanoseconds) nanoseconds; send less than a second of them")
      }
      let (sinceReference, overflow) = seconds.subtractingReportingOverflow(referenceDate)
      let whole = overflow ? Double(seconds) - Double(referenceDate) : Double(sinceReference)
      return Date(timeIntervalSinceReferenceDate: whole + Double(nanoseconds) / Double(nanosecondsPerSecond))
    }
    guard let seconds = view.doubleValue else {
      throw view.mismatch(expected: "Date", advice: "send a timestamp or seconds since 1970")
    }
    guard seconds.isFinite else {
      throw MessagePackError(
        code: .invalidValue, message: "expected Date, found \(seconds) seconds; send a finite number")
    }
    return Date(timeIntervalSince1970: seconds)
  }

  private static func milliseconds(in view: MessagePackView) -> Double? {
    view.withExtension { type, bytes -> Double? in
      guard type == 13, let number = try? MessagePackParser.withView(of: bytes, body: { $0.doubleValue }) else {
        return nil
      }
      return number.isFinite ? number : nil
    } ?? nil
  }

  private static func timestamp(in view: MessagePackView) -> (seconds: Int64, nanoseconds: UInt32)? {
    view.withExtension { type, bytes -> (Int64, UInt32)? in
      guard type == -1 else { return nil }
      switch bytes.count {
      case 4:
        return (Int64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))), 0)
      case 8:
        let packed = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        return (Int64(packed & 0x3_ffff_ffff), UInt32(packed >> 34))
      case 12:
        let nanoseconds = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        return (Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: Int64.self)), nanoseconds)
      default:
        return nil
      }
    } ?? nil
  }
}
