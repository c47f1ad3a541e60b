import Foundation
import Testing

@testable import BenchmarkSupport

@Suite struct StallsTests {
  /// Of 1,000,000 ns, one stall of 3,000 ns: a call in a thousand comes in its first 1,000 ns and waits for 2,000 ns or more.
  @Test func theWaitIsThatOfTheMomentsInAStall() {
    let stalls = Stalls([5_000..<8_000], during: 1_000_000)
    #expect(stalls.wait(share: 0.999) == 2_000)
    #expect(stalls.wait(share: 0.998) == 1_000)
    #expect(stalls.wait(share: 0.99) == 0)
    #expect(stalls.wait(share: 1) == 3_000)
    #expect(Stalls([], during: 1_000_000).wait(share: 1) == 0)
  }

  @Test func stallsOfTwoProcessorsThatOverlapAreOne() {
    let stalls = Stalls([6_000..<9_000, 5_000..<8_000, 100_000..<101_000], during: 1_000_000)
    #expect(stalls.wait(share: 1) == 4_000)
    #expect(stalls.wait(share: 0.995) == 0)
  }

  @Test func theFloorsReportIsRead() throws {
    func decoded(_ text: String) throws -> Stalls { try JSONDecoder().decode(Stalls.self, from: Data(text.utf8)) }
    let stalls = try decoded(#"{"elapsed_ns": 1000000, "stalls": [[5000, 8000], [6000, 9000]]}"#)
    #expect(stalls.wait(share: 1) == 4_000)
    #expect(stalls.wait(share: 0.998) == 2_000)
    #expect(throws: DecodingError.self) { try decoded(#"{"elapsed_ns": 1000000, "stalls": [[8000, 5000]]}"#) }
    #expect(throws: DecodingError.self) { try decoded(#"{"elapsed_ns": 1000000, "stalls": [[8000]]}"#) }
  }
}
