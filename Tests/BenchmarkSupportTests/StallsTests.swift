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

  @Test func aProgramThatOnlyLooksAtTheClockIsMeasured() {
    let before = MonotonicClock.nanoseconds
    let stalls = Stalls.measured(seconds: 0.02)
    let took = MonotonicClock.nanoseconds - before
    #expect(took >= 20_000_000)
    #expect(stalls.wait(share: 1) <= took)
  }
}
