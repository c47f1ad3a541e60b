import Foundation
import MessagePack
import Testing

@testable import zrpc

@Suite struct TimestampTests {
  @Test(arguments: [
    ("00000000", "1970-01-01T00:00:00Z"),
    ("ffffffff", "2106-02-07T06:28:15Z"),
    ("77359400691fb8c0", "2025-11-21T00:56:32.5Z"),
    ("0000000affffffffffffffff", "1969-12-31T23:59:59.00000001Z"),
    ("00000000fffffffd28133880", "1583-01-01T00:00:00Z"),
    ("000000000000003afff4417f", "9999-12-31T23:59:59Z"),
  ])
  func readsBytes(hex: String, expected: String) {
    let bytes = Data(hex: hex)
    #expect(Timestamp(extensionType: -1, bytes)?.text == expected)
    // Written back in the shortest form, which the list uses.
    #expect(Timestamp(text: expected)?.value == .ext(-1, bytes))
  }

  @Test func refusesOtherExtensions() {
    #expect(Timestamp(extensionType: 1, Data(count: 4)) == nil)
    #expect(Timestamp(extensionType: -1, Data(count: 5)) == nil)
    // A billion nanoseconds and more
    #expect(Timestamp(extensionType: -1, Data(hex: "ee6b280000000000")) == nil)
    #expect(MessagePackValue.ext(-1, Data(count: 5)).json == #"{"$ext": [-1, "AAAAAAA="]}"#)
  }

  @Test func leavesYearsThatTextCannotSayToTheExtension() {
    let year10000 = MessagePackValue.ext(-1, Data(hex: "000000000000003afff44180"))
    #expect(year10000.json == #"{"$ext": [-1, "AAAAAAAAADr/9EGA"]}"#)
    let year1582 = Timestamp(extensionType: -1, Data(hex: "00000000fffffffd2813387f"))
    #expect(year1582 != nil && year1582?.text == nil)
    #expect(Timestamp(text: "1582-12-31T23:59:59Z") == nil)
  }
}

extension Data {
  fileprivate init(hex: String) {
    self.init()
    var digits = hex[...]
    while let byte = UInt8(digits.prefix(2), radix: 16) {
      append(byte)
      digits = digits.dropFirst(2)
    }
  }
}
