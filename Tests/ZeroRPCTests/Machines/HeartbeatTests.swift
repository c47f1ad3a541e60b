import TestSupport
import Testing
import ZeroRPC

extension Machines {
  /// The rules of PROTOCOL 1.4, with a passed-in time.
  @Suite struct HeartbeatTests {
    static let interval: UInt64 = 1_000_000_000
    static let start: UInt64 = 77_000_000_000

    @Test func firstOneIsSentAfterOneInterval() {
      var heartbeat = Heartbeat(interval: Self.interval, now: Self.start)
      #expect(heartbeat.nextTick == Self.start + Self.interval)
      #expect(heartbeat.tick(now: Self.start + Self.interval - 1) == .none)
      #expect(heartbeat.tick(now: Self.start + Self.interval) == .send)
      #expect(heartbeat.nextTick == Self.start + 2 * Self.interval)
    }

    /// Whatever the latenesses of the ticks, a peer that says nothing is lost at the third.
    @Test(arguments: [[0, 0, 0], [400, 0, 0], [0, 400, 0], [0, 0, 400], [5, 1, 3], [400, 10, 5]] as [[UInt64]])
    func mutePeerIsLostAtTheThirdTick(latenesses: [UInt64]) {
      var heartbeat = Heartbeat(interval: Self.interval, now: Self.start)
      var seen: [Heartbeat.Tick] = []
      for lateness in latenesses { seen.append(heartbeat.tick(now: heartbeat.nextTick + lateness * 1_000_000)) }
      #expect(seen == [.send, .send, .lost])
      #expect(heartbeat.nextTick == .max)
    }

    /// A peer that stops is lost between two and three intervals after its last heartbeat.
    @Test(arguments: stride(from: 0, to: 5_000, by: 37).map { UInt64($0) * 1_000_000 })
    func peerThatStops(lastHeard: UInt64) {
      var heartbeat = Heartbeat(interval: Self.interval, now: Self.start)
      var heard = Self.start
      var now = Self.start
      while true {
        now = heartbeat.nextTick
        // It sends one every half interval until it stops.
        while heard + Self.interval / 2 <= min(now, Self.start + lastHeard) {
          heard += Self.interval / 2
          heartbeat.heard(now: heard)
        }
        if heartbeat.tick(now: now) == .lost { break }
        guard now < Self.start + 20 * Self.interval else {
          Issue.record("never lost")
          return
        }
      }
      if heard > Self.start {
        #expect(now >= heard + 2 * Self.interval && now <= heard + 3 * Self.interval)
      } else {
        #expect(now == Self.start + 3 * Self.interval)
      }
    }

    @Test func passiveStartsWithThePeer() {
      var heartbeat = Heartbeat(interval: Self.interval, isPassive: true, now: Self.start)
      #expect(heartbeat.nextTick == .max)
      #expect(heartbeat.tick(now: Self.start + 100 * Self.interval) == .none)
      let heard = Self.start + 200 * Self.interval
      heartbeat.heard(now: heard)
      #expect(heartbeat.nextTick == heard + Self.interval)
      #expect(heartbeat.tick(now: heard + Self.interval) == .send)
      #expect(heartbeat.tick(now: heard + 2 * Self.interval) == .lost)
    }

    @Test func intervalZeroNeitherSendsNorJudges() {
      var heartbeat = Heartbeat(interval: 0, now: Self.start)
      heartbeat.heard(now: Self.start + 1)
      #expect(heartbeat.nextTick == .max)
      #expect(heartbeat.tick(now: .max - 1) == .none)
    }

    /// A process that was stopped must not take its own absence for its peer's.
    @Test func ownAbsenceIsNotThePeers() {
      var heartbeat = Heartbeat(interval: Self.interval, now: Self.start)
      heartbeat.heard(now: Self.start + Self.interval / 2)
      #expect(heartbeat.tick(now: Self.start + 60 * Self.interval) == .send)
      heartbeat.heard(now: Self.start + 60 * Self.interval + 1)
      #expect(heartbeat.tick(now: heartbeat.nextTick) == .send)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomSequences(seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      var steps = 0
      while steps < 300_000 {
        let isPassive = Bool.random(using: &random)
        var heartbeat = Heartbeat(interval: Self.interval, isPassive: isPassive, now: Self.start)
        var (now, sent, lastSent) = (Self.start, 0, Self.start)
        var heard: UInt64?
        for _ in 0..<1_000 {
          steps += 1
          now += .random(in: 0..<(Self.interval * 2 / 3), using: &random)
          if Bool.random(using: &random) {
            heartbeat.heard(now: now)
            heard = now
          }
          let due = heartbeat.nextTick
          switch heartbeat.tick(now: now) {
          case .none: #expect(now < due)
          case .send:
            // Never more than one an interval, and none before a passive one heard something.
            if sent > 0 { #expect(now - lastSent > Self.interval / 3) }
            #expect(!isPassive || heard != nil)
            sent += 1
            lastSent = now
          case .lost:
            #expect(now - (heard ?? Self.start) >= 2 * Self.interval)
            #expect(heartbeat.nextTick == .max)
          }
          if heartbeat.nextTick == .max && (!isPassive || heard != nil) { break }
        }
      }
    }
  }
}
