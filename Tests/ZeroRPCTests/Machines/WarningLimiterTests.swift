import Logging
import Testing

@testable import ZeroRPC

extension Machines {
  @Suite struct WarningLimiterTests {
    @Test func aBurstThenOneASecondAndNoneUncounted() {
      let limiter = WarningLimiter(Logger(label: "test"))
      let start: UInt64 = 1_000_000_000_000
      let burst = (0..<1_000).compactMap { _ in limiter.admit(at: start) }
      #expect(burst == Array(repeating: 0, count: 20))
      #expect(limiter.admit(at: start + 999_999_999) == nil)
      #expect(limiter.admit(at: start + 1_000_000_000) == 981)
      #expect(limiter.admit(at: start + 1_500_000_000) == nil)
      #expect(limiter.admit(at: start + 2_000_000_000) == 1)
      // After a quiet hour the whole burst is back, and no more.
      let later = start + 3_600_000_000_000
      #expect((0..<100).compactMap { _ in limiter.admit(at: later) }.count == 20)
    }
  }
}
