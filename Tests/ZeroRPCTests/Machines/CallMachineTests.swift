import TestSupport
import Testing
import ZeroRPC

extension Machines {
  /// The client's and the server's call machines under every order of events: a call ends exactly once, and nothing
  /// happens after its end.
  @Suite struct CallMachineTests {
    static let second: UInt64 = 1_000_000_000
    static let names: [EventName] = [.ok, .error, .stream, .streamDone, .heartbeat, .more, .method]

    private func client(
      _ expectation: ClientCallMachine.Expectation, heartbeat: UInt64 = second, window: Int = 100,
      deadline: UInt64 = 40 * second, now: UInt64 = 10 * second
    ) -> ClientCallMachine {
      ClientCallMachine(
        expecting: expectation, heartbeat: heartbeat, isPassive: false, window: window, deadline: deadline, now: now)
    }

    @Test(
      arguments: [
        (.value, .ok, .endWithValue), (.stream, .ok, .violation(.valueForStream)), (.either, .ok, .endWithValue),
        (.value, .error, .endWithError), (.stream, .error, .endWithError), (.either, .error, .endWithError),
        (.value, .stream, .violation(.streamForValue)), (.stream, .stream, .item), (.either, .stream, .item),
        (.value, .streamDone, .violation(.streamForValue)), (.stream, .streamDone, .endOfStream),
        (.either, .streamDone, .endOfStream), (.value, .method, .violation(.unknownAnswer)),
        (.stream, .method, .violation(.unknownAnswer)), (.value, .heartbeat, .ignore), (.value, .more, .ignore),
      ] as [(ClientCallMachine.Expectation, EventName, ClientCallMachine.Effect)])
    func firstReply(
      _ expectation: ClientCallMachine.Expectation, _ name: EventName, _ effect: ClientCallMachine.Effect
    ) {
      var machine = client(expectation)
      let seen = machine.receive(name, now: 11 * Self.second)
      #expect(seen == effect)
      let isEnded = effect != .ignore && effect != .item
      let again = machine.receive(.ok, now: 11 * Self.second)
      if isEnded { #expect(again == .ignore) }
      let end = machine.end()
      #expect(end == !(isEnded || again != .ignore))
    }

    /// Inside a stream any other name ends it silently, as in the reference.
    @Test(arguments: [EventName.ok, .method])
    func otherNamesEndAStream(_ name: EventName) {
      var machine = client(.stream)
      let effects = [machine.receive(.stream, now: 11 * Self.second), machine.receive(name, now: 11 * Self.second)]
      #expect(effects == [.item, .endOfStream])
    }

    @Test func deadlineCoversTheFirstReply() {
      var machine = client(.stream, heartbeat: 0)
      #expect(machine.nextDue == 40 * Self.second)
      _ = machine.receive(.stream, now: 39 * Self.second)
      #expect(machine.nextDue == .max)
      let late = machine.tick(now: 1_000 * Self.second)
      #expect(late == .none)

      var other = client(.stream, heartbeat: 0)
      let ticks = [
        other.tick(now: 40 * Self.second - 1), other.tick(now: 40 * Self.second), other.tick(now: 41 * Self.second),
      ]
      #expect(ticks == [.none, .timedOut, .none])
    }

    @Test func mutePeerIsLostAtTheThirdInterval() {
      var machine = client(.value)
      var ticks: [ClientCallMachine.Tick] = []
      while machine.nextDue != .max, ticks.count < 10 { ticks.append(machine.tick(now: machine.nextDue)) }
      #expect(ticks == [.sendHeartbeat, .sendHeartbeat, .lost])
    }

    /// Only heartbeats refresh liveness: a peer that streams but sends none is lost.
    @Test func itemsAreNoSignOfLife() {
      var machine = client(.stream)
      var now = 10 * Self.second
      var isLost = false
      for _ in 0..<40 where !isLost {
        now += Self.second / 3
        _ = machine.receive(.stream, now: now)
        _ = machine.pull()
        machine.took()
        isLost = machine.tick(now: now) == .lost
      }
      #expect(isLost)
      #expect(now <= 14 * Self.second)
    }

    /// Of a peer that sends heartbeats, items show that it lives while the next one is late behind them.
    @Test func itemsOfAPeerWithHeartbeatsAreSignsOfLife() {
      var machine = client(.stream)
      var now = 10 * Self.second
      _ = machine.receive(.heartbeat, now: now)
      for _ in 0..<40 {
        now += Self.second / 3
        _ = machine.receive(.stream, now: now)
        _ = machine.pull()
        machine.took()
        #expect(machine.tick(now: now) != .lost)
      }
      // Silence ends it as ever.
      var isLost = false
      for _ in 0..<4 where !isLost {
        now += Self.second
        isLost = machine.tick(now: now) == .lost
      }
      #expect(isLost)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomEventsAtTheClient(seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      var steps = 0
      while steps < 300_000 {
        let expectation: ClientCallMachine.Expectation =
          [.value, .stream, .either].randomElement(using: &random) ?? .value
        let window = Int.random(in: -1...40, using: &random)
        let hasHeartbeat = Bool.random(using: &random)
        var machine = client(
          expectation, heartbeat: hasHeartbeat ? Self.second : 0, window: window,
          deadline: Bool.random(using: &random) ? .max : 40 * Self.second)
        var (now, endings, queued, credit) = (10 * Self.second, 0, 0, 1)
        for _ in 0..<400 {
          steps += 1
          now += .random(in: 0..<(Self.second / 4), using: &random)
          let before = endings
          switch Int.random(in: 0..<12, using: &random) {
          case 0...6:
            // Polite peers mostly: items as credit allows, an end now and then.
            let name: EventName =
              credit > 0 && Int.random(in: 0..<30, using: &random) > 0
              ? .stream : Self.names.randomElement(using: &random) ?? .ok
            switch machine.receive(name, now: now) {
            case .ignore: break
            case .item:
              #expect(endings == 0)
              queued += 1
              credit -= 1
            case .endWithValue, .endWithError, .endOfStream, .violation: endings += 1
            }
          case 7, 8:
            if let grant = machine.pull() {
              #expect(endings == 0)
              #expect(grant > 0 && grant <= max(window, 2))
              credit += grant
            }
            if queued > 0 {
              queued -= 1
              machine.took()
            }
          case 9: _ = machine.receive(.heartbeat, now: now)
          case 10 where Int.random(in: 0..<50, using: &random) == 0: if machine.end() { endings += 1 }
          default:
            switch machine.tick(now: now) {
            case .none: break
            case .sendHeartbeat: #expect(endings == 0 && hasHeartbeat)
            case .lost, .timedOut: endings += 1
            }
          }
          #expect(endings <= 1)
          #expect(queued <= 2 * max(window, 2) + 2)
          if endings == 1 {
            #expect(machine.nextDue == .max)
            if before == 1, Int.random(in: 0..<4, using: &random) == 0 { break }
          }
        }
        #expect(machine.end() == (endings == 0))
      }
    }

    // MARK: The server

    @Test func grantsOfAnyKindAreHarmless() {
      var machine = ServerCallMachine(version: 3, heartbeat: Self.second, now: 10 * Self.second)
      for number in [nil, 0, -1, Int64.min] {
        let effect = machine.receive(.more, number: number, isCancellation: false, now: 10 * Self.second)
        #expect(effect == .ignore)
        #expect(machine.availableCredit == 1)
      }
      for _ in 0..<10 {
        let effect = machine.receive(.more, number: .max, isCancellation: false, now: 10 * Self.second)
        #expect(effect == .granted)
      }
      #expect(machine.availableCredit <= SendCredit.maximum)
    }

    @Test func heartbeatsOfVersion2CarryCredit() {
      for (version, credit) in [(1, 1), (2, 6), (3, 1), (4, 1)] {
        var machine = ServerCallMachine(version: version, heartbeat: Self.second, now: 10 * Self.second)
        _ = machine.receive(.heartbeat, number: 5, isCancellation: false, now: 10 * Self.second)
        #expect(machine.availableCredit == credit, "version \(version)")
      }
    }

    @Test func version1IsWatchedFromItsFirstHeartbeatOn() {
      var machine = ServerCallMachine(version: 1, heartbeat: Self.second, now: 10 * Self.second)
      #expect(machine.nextDue == .max)
      _ = machine.receive(.heartbeat, number: 0, isCancellation: false, now: 20 * Self.second)
      #expect(machine.nextDue == 21 * Self.second)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomEventsAtTheServer(seed: UInt64) {
      var random = SeededGenerator(seed: seed)
      var steps = 0
      while steps < 300_000 {
        var machine = ServerCallMachine(
          version: .random(in: 0...5, using: &random), heartbeat: Bool.random(using: &random) ? Self.second : 0,
          deadline: Bool.random(using: &random) ? .max : 40 * Self.second, now: 10 * Self.second)
        var (now, endings, granted, spent) = (10 * Self.second, 0, 0, 0)
        for _ in 0..<400 {
          steps += 1
          now += .random(in: 0..<(Self.second / 4), using: &random)
          let wasEnded = machine.isEnded
          switch Int.random(in: 0..<8, using: &random) {
          case 0...2:
            let before = machine.availableCredit
            let number = Bool.random(using: &random) ? Int64.random(in: -3...60, using: &random) : nil
            let effect = machine.receive(
              Self.names.randomElement(using: &random) ?? .more, number: number,
              isCancellation: Int.random(in: 0..<200, using: &random) == 0, now: now)
            if wasEnded { #expect(effect == .ignore) }
            if effect == .granted { granted += machine.availableCredit - before }
            if effect != .granted { #expect(machine.availableCredit == before) }
            if effect == .cancelled { endings += 1 }
          case 3...5:
            if machine.spend() {
              #expect(!wasEnded)
              spent += 1
            }
          case 6 where Int.random(in: 0..<50, using: &random) == 0: if machine.end() { endings += 1 }
          default:
            switch machine.tick(now: now) {
            case .none: break
            case .sendHeartbeat: #expect(!wasEnded)
            case .lost, .timedOut: endings += 1
            }
          }
          #expect(machine.availableCredit >= 0)
          #expect(spent <= granted + 1)
          #expect(endings <= 1 && machine.isEnded == (endings == 1))
          if machine.isEnded { #expect(machine.nextDue == .max) }
          if wasEnded, Int.random(in: 0..<4, using: &random) == 0 { break }
        }
      }
    }
  }
}
