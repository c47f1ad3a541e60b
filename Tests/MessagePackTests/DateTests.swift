import Foundation
import MessagePack
import Testing

@Suite struct DateTests {
  /// Seconds and nanoseconds since 1970 and the bytes that Python's msgpack makes of them.
  static let timestamps: [(Int64, UInt32, String)] = [
    (0, 0, "d6ff00000000"), (4_294_967_295, 0, "d6ffffffffff"), (4_294_967_296, 0, "d7ff0000000100000000"),
    (1_700_000_000, 500_000_000, "d7ff773594006553f100"), (17_179_869_183, 999_999_999, "d7ffee6b27ffffffffff"),
    (17_179_869_184, 1, "c70cff000000010000000400000000"), (-1, 999_999_999, "c70cff3b9ac9ffffffffffffffffff"),
    (-1_099_511_627_776, 0, "c70cff00000000ffffff0000000000"),
  ]

  @Test(arguments: timestamps) func packsTimestamps(seconds: Int64, nanoseconds: UInt32, expected: String) throws {
    var packer = MessagePackPacker()
    packer.packTimestamp(seconds: seconds, nanoseconds: nanoseconds)
    #expect(packer.withUnsafeBytes { hex($0) } == expected)
    let date = try unpacked(Date.self, from: bytes(expected))
    #expect(abs(date.timeIntervalSince1970 - (Double(seconds) + Double(nanoseconds) / 1e9)) < 1e-5)
  }

  @Test func roundTripsDatesOfOurTimeExactly() throws {
    var random = SplitMix64(state: 42)
    for _ in 0..<20_000 {
      // From 1971 to 2100, but not the months around 2001, where a Date resolves less than a nanosecond.
      let interval = Double.random(in: -947_000_000...3_124_000_000, using: &random)
      guard abs(interval) > 8_388_608 else { continue }
      let date = Date(timeIntervalSinceReferenceDate: interval)
      let encoded = try packed(date)
      #expect(try unpacked(Date.self, from: encoded) == date)
    }
    let now = Date()
    #expect(try unpacked(Date.self, from: packed(now)) == now)
    #expect(try MessagePackDecoder().decode([Date].self, from: MessagePackEncoder().encode([now])) == [now])
  }

  @Test(arguments: [0.0, 0.5, -0.5, -1e-20, 1e-10, 0.9999999999, 63_113_904_000, -62_135_769_600])
  func roundTripsOddDatesToTheNanosecond(interval: Double) throws {
    let date = Date(timeIntervalSinceReferenceDate: interval)
    let back = try unpacked(Date.self, from: packed(date))
    #expect(abs(back.timeIntervalSince(date)) <= 1e-9)
  }

  /// As msgpack-lite packs dates of JavaScript: milliseconds, as a double or as a small integer.
  @Test(arguments: [("c7090dcb42797d974cd00000", 1_751_700_000.0), ("c7030dcd05dc", 1.5)])
  func readsDatesOfJavaScript(encoded: String, seconds: Double) throws {
    #expect(try unpacked(Date.self, from: bytes(encoded)).timeIntervalSince1970 == seconds)
  }

  @Test(arguments: ["c7090dcb7ff8000000000000", "d40dc0", "c7030dcd05", "c7000d"])
  func refusesOtherExtensions(encoded: String) {
    #expect(messagePackError { try unpacked(Date.self, from: bytes(encoded)) } != nil)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, 9.3e18, -9.3e18])
  func refusesDatesThatFitNoTimestamp(interval: Double) {
    let date = Date(timeIntervalSinceReferenceDate: interval)
    #expect(messagePackError { try packed(date) }?.code == .outOfRange)
    #expect(messagePackError { try packed([date]) }?.path == "[0]")
  }

  @Test func acceptsSecondsSince1970() throws {
    #expect(try unpacked(Date.self, from: bytes("05")) == Date(timeIntervalSince1970: 5))
    #expect(try unpacked(Date.self, from: bytes("cb3ff8000000000000")) == Date(timeIntervalSince1970: 1.5))
  }

  @Test(arguments: [
    ("c70cff3b9aca000000000000000000", MessagePackError.Code.invalidValue), ("cb7ff8000000000000", .invalidValue),
    ("cb7ff0000000000000", .invalidValue), ("d5ff0000", .typeMismatch), ("d60100000000", .typeMismatch),
    ("a430303030", .typeMismatch), ("c0", .typeMismatch), ("d7ffffffffff00000000", .invalidValue),
  ])
  func refusesOtherThings(encoded: String, code: MessagePackError.Code) {
    #expect(messagePackError { try unpacked(Date.self, from: bytes(encoded)) }?.code == code)
  }

  @Test func unpacksTheLimitsWithoutTrapping() throws {
    let latest = try unpacked(Date.self, from: bytes("c70cff000000007fffffffffffffff"))
    #expect(latest.timeIntervalSince1970 > 9.2e18)
    let earliest = try unpacked(Date.self, from: bytes("c70cff000000008000000000000000"))
    #expect(earliest.timeIntervalSince1970 < -9.2e18)
  }
}
