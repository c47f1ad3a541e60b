import TestSupport
import Testing
import ZeroRPC

extension Machines {
  /// The rules of PROTOCOL 1.5.
  @Suite struct CreditTests {
    @Test func startsWithOne() {
      var credit = SendCredit()
      #expect(credit.available == 1)
      let outcomes = [credit.spend(), credit.spend()]
      #expect(outcomes == [true, false])
      credit.add(2)
      #expect(credit.available == 2)
    }

    @Test(arguments: [0, -1, .min] as [Int64])
    func zeroAndNegativeGrantsChangeNothing(grant: Int64) {
      var credit = SendCredit()
      credit.add(grant)
      #expect(credit.available == 1)
    }

    @Test func hugeGrantsAreCapped() {
      var credit = SendCredit()
      for _ in 0..<100 { credit.add(.max) }
      #expect(credit.available == SendCredit.maximum)
    }

    @Test func randomGrants() {
      var random = SeededGenerator(seed: 1)
      var credit = SendCredit()
      var wrong = 0
      for _ in 0..<1_000_000 {
        let before = credit.available
        if Bool.random(using: &random) {
          let grant = Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random)
          credit.add(grant)
          if credit.available < before || credit.available > SendCredit.maximum { wrong += 1 }
        } else {
          let spent = credit.spend()
          if spent != (before > 0) || credit.available != max(0, before - 1) { wrong += 1 }
        }
      }
      #expect(wrong == 0)
    }

    /// The grants of the reference for a sender that always has more, by the number of items taken before each.
    private func grants(window: Int, items: Int) -> [(taken: Int, grant: Int)] {
      var receiver = ReceiveWindow(size: window)
      var sender = SendCredit()
      var (queued, taken) = (0, 0)
      var grants: [(Int, Int)] = []
      while taken < items {
        while sender.spend() {
          queued += 1
          if !receiver.arrived() { return grants }
        }
        if let grant = receiver.pull(isOpen: true) {
          grants.append((taken, grant))
          sender.add(Int64(grant))
        }
        while sender.spend() {
          queued += 1
          if !receiver.arrived() { return grants }
        }
        guard queued > 0 else { return grants }
        queued -= 1
        receiver.took()
        taken += 1
      }
      return grants
    }

    @Test func windowOf100() {
      let grants = grants(window: 100, items: 260)
      #expect(grants.map(\.grant) == [100, 51, 51, 51, 51, 51])
      #expect(grants.map(\.taken) == [1, 52, 103, 154, 205, 256])
    }

    @Test func windowOf10() {
      #expect(grants(window: 10, items: 30).map(\.grant) == [10, 6, 6, 6, 6])
    }

    /// The reference hangs for ever with `slots=1`.
    @Test(arguments: [Int.min, -1, 0, 1, 2, 3, 4, 5, 7, 99, 100, 101, .max])
    func everyWindowGoesOn(window: Int) {
      let grants = grants(window: min(window, 5_000), items: 2_000)
      #expect(grants.allSatisfy { $0.grant > 0 })
      var receiver = ReceiveWindow(size: window)
      #expect(receiver.size >= 2)
      #expect(receiver.pull(isOpen: true) == nil)
    }

    @Test func closedChannelIsGrantedNothing() {
      var receiver = ReceiveWindow(size: 100)
      _ = receiver.arrived()
      #expect(receiver.pull(isOpen: true) == nil)
      receiver.took()
      #expect(receiver.pull(isOpen: false) == nil)
    }

    @Test(arguments: [2, 3, 10, 100])
    func aSenderThatIgnoresCreditIsFoundOut(window: Int) {
      var receiver = ReceiveWindow(size: window)
      var arrived = 0
      while receiver.arrived() {
        arrived += 1
        if arrived > 10 * window + 10 { break }
      }
      #expect(arrived <= 2 * window + 2)
    }

    /// Under both readings of a grant, as to be added (Python) and as absolute (Node), the sender never runs further
    /// ahead than the window allows, and never stops for good.
    @Test(arguments: [false, true], [2, 3, 10, 100])
    func randomConsumers(isAbsolute: Bool, window: Int) {
      var random = SeededGenerator(seed: UInt64(window))
      var receiver = ReceiveWindow(size: window)
      var (credit, queued, taken, isWaiting) = (1, 0, 0, false)
      var worst = 0
      for _ in 0..<200_000 {
        if Bool.random(using: &random), credit > 0 {
          credit -= 1
          queued += 1
          guard receiver.arrived() else {
            Issue.record("taken for a sender that ignores its credit")
            return
          }
          worst = max(worst, queued)
        } else {
          if !isWaiting, let grant = receiver.pull(isOpen: true) { credit = isAbsolute ? grant : credit + grant }
          isWaiting = queued == 0
          if queued > 0 {
            queued -= 1
            receiver.took()
            taken += 1
          }
        }
        guard credit > 0 || queued > 0 || !isWaiting else {
          Issue.record("stopped for good after \(taken) items")
          return
        }
      }
      #expect(worst <= window + 1)
      #expect(taken > 10_000)
    }
  }
}
