import TestSupport
import Testing
import ZeroRPC

extension Machines {
  /// The timer wheel against a model that looks at every timer.
  @Suite struct TimerWheelTests {
    static let bucket: UInt64 = 1 << 24

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func behavesLikeTheModel(seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      var wheel = TimerWheel()
      var model: [Int: UInt64] = [:]
      var now: UInt64 = .random(in: 0..<(1 << 50), using: &random)
      let keys = 64

      for step in 0..<250_000 {
        let key = Int.random(in: 0..<keys, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3:
          // Overdue, soon, in this round, rounds ahead, never.
          let due: UInt64 =
            switch Int.random(in: 0..<12, using: &random) {
            case 0: now - min(now, .random(in: 0..<(4 * Self.bucket), using: &random))
            case 1: .max
            case 2: now + .random(in: 0..<(2_000 * Self.bucket), using: &random)
            case 3: (now >> 24 + UInt64.random(in: 0..<600, using: &random)) << 24
            default: now + .random(in: 0..<(300 * Self.bucket), using: &random)
            }
          wheel.set(key, due: due)
          model[key] = due == .max ? nil : due
        case 4:
          wheel.cancel(key)
          model[key] = nil
        default:
          now += .random(in: 0..<(Int.random(in: 0..<50, using: &random) == 0 ? 600 : 3) * Self.bucket, using: &random)
          var popped: Set<Int> = []
          while let due = wheel.popDue(now: now) {
            guard let time = model.removeValue(forKey: due), time <= now, popped.insert(due).inserted else {
              Issue.record("step \(step): popped \(due), which is not due")
              return
            }
          }
          if let left = model.first(where: { $0.value <= now }) {
            Issue.record("step \(step): \(left) is due at \(now) and was not popped")
            return
          }
          // A cancelled timer may leave it too early, never too late, and after a search it lies ahead.
          guard wheel.earliest > now else {
            Issue.record("step \(step): the earliest is \(wheel.earliest) at \(now), but nothing is due")
            return
          }
        }
        guard wheel.count == model.count, wheel.earliest <= model.values.min() ?? .max else {
          Issue.record("step \(step): count \(wheel.count) of \(model.count), earliest \(wheel.earliest)")
          return
        }
        if model.isEmpty, wheel.earliest != .max {
          Issue.record("step \(step): no timer is set, but the earliest is \(wheel.earliest)")
          return
        }
      }
    }

    @Test func neverFiresEarly() {
      var wheel = TimerWheel()
      wheel.set(3, due: 1_000)
      #expect(wheel.popDue(now: 999) == nil)
      #expect(wheel.popDue(now: 1_000) == 3)
      #expect(wheel.popDue(now: 2_000) == nil)
    }

    @Test func movingTheOnlyTimerToNever() {
      var wheel = TimerWheel()
      wheel.set(0, due: 1_000)
      wheel.set(0, due: .max)
      #expect(wheel.earliest == .max)
      #expect(wheel.count == 0)
    }
  }
}
