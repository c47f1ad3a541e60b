import TestSupport
import Testing

@testable import ZeroRPC

extension Machines {
  /// The queue of calls that wait for handlers: fair to peers, and bounded.
  @Suite struct CallQueueTests {
    private func limits(_ configure: (inout RPCServerLimits) -> Void) -> ServerLimits {
      var limits = RPCServerLimits()
      configure(&limits)
      return ServerLimits(limits)
    }

    private func peer(_ number: Int) -> InlineBytes {
      // Some routing ids are longer than what stands inline.
      InlineBytes(Array("peer \(number)".utf8) + [UInt8](repeating: 0, count: number % 3 == 0 ? 60 : 0))
    }

    @Test func oneThatFloodsDelaysAnotherByOneCall() {
      var queue = CallQueue()
      for key in 0..<1_000 { #expect(queue.append(key, from: peer(1), bytes: 10) == nil) }
      for key in 1_000..<1_003 { #expect(queue.append(key, from: peer(2), bytes: 10) == nil) }
      let order = (0..<8).compactMap { _ in queue.popFirst()?.key }
      #expect(order == [0, 1_000, 1, 1_001, 2, 1_002, 3, 4])
    }

    /// Answers of one peer travel together, so it keeps the turn while its handlers are quick.
    @Test func aPeerKeepsTheTurnForAMoment() {
      let moment = CallQueue.turnNanoseconds
      var queue = CallQueue()
      for key in 0..<4 { #expect(queue.append(key, from: peer(1), bytes: 10) == nil) }
      for key in 10..<14 { #expect(queue.append(key, from: peer(2), bytes: 10) == nil) }
      let times = [0, 1, moment - 1, moment, moment + 1, 2 * moment, 2 * moment + 1, 2 * moment + 2]
      let order = times.compactMap { queue.popFirst(now: 1_000 + $0)?.key }
      #expect(order == [0, 1, 2, 10, 11, 3, 12, 13])
      #expect(queue.count == 0 && !queue.canRun)
    }

    @Test func handlersThatTakeLongAreTakenInTurn() {
      var queue = CallQueue()
      for key in 0..<1_000 { #expect(queue.append(key, from: peer(1), bytes: 10) == nil) }
      for key in 1_000..<1_003 { #expect(queue.append(key, from: peer(2), bytes: 10) == nil) }
      let order = (0..<8).compactMap { queue.popFirst(now: UInt64($0) * CallQueue.turnNanoseconds)?.key }
      #expect(order == [0, 1_000, 1, 1_001, 2, 1_002, 3, 4])
    }

    @Test func nobodyKeepsTheTurnWhenHandlersAreScarce() {
      var queue = CallQueue(limits { ($0.handlers, $0.handlersPerPeer) = (8, 8) })
      for key in 0..<6 { #expect(queue.append(key, from: peer(1), bytes: 10) == nil) }
      for key in 10..<12 { #expect(queue.append(key, from: peer(2), bytes: 10) == nil) }
      let order = (0..<8).compactMap { _ in queue.popFirst(now: 0)?.key }
      #expect(order == [0, 1, 2, 3, 4, 10, 5, 11])
    }

    @Test func aPeerKeepsToItsHandlers() throws {
      var queue = CallQueue(
        limits {
          ($0.handlers, $0.handlersPerPeer) = (5, 2)
        })
      for key in 0..<10 { #expect(queue.append(key, from: peer(1), bytes: 0) == nil) }
      let popped = queue.popFirst()
      let first = try #require(popped)
      #expect(queue.popFirst()?.key == 1)
      #expect(queue.popFirst() == nil && !queue.canRun, "the rest waits for its own")
      #expect(queue.append(10, from: peer(2), bytes: 0) == nil)
      #expect(queue.popFirst()?.key == 10)
      queue.finish(first.peer)
      #expect(queue.popFirst()?.key == 2)
      #expect(queue.popFirst() == nil)
      for key in 3..<10 { queue.remove(key) }
      #expect(queue.count == 0 && queue.running == 3)
    }

    @Test func theServerKeepsToItsHandlers() {
      var queue = CallQueue(limits { ($0.handlers, $0.handlersPerPeer) = (3, 3) })
      for key in 0..<6 { #expect(queue.append(key, from: peer(key), bytes: 0) == nil) }
      let peers = (0..<3).compactMap { _ in queue.popFirst()?.peer }
      #expect(peers.count == 3 && queue.popFirst() == nil && !queue.canRun)
      queue.finish(peers[1])
      #expect(queue.popFirst()?.key == 3)
    }

    @Test func whatExceedsTheQueueIsRefused() {
      var queue = CallQueue(
        limits {
          ($0.handlers, $0.queuedCalls) = (2, 4)
          ($0.handlersPerPeer, $0.queuedCallsPerPeer) = (1, 2)
        })
      for key in 0..<3 { #expect(queue.append(key, from: peer(1), bytes: 0) == nil) }
      #expect(queue.append(3, from: peer(1), bytes: 0) == .callsOfPeer(3))
      for key in 4..<7 { #expect(queue.append(key, from: peer(2), bytes: 0) == nil) }
      #expect(queue.append(7, from: peer(3), bytes: 0) == .calls(6))
      // A running handler counts as well as a call that waits.
      #expect(queue.popFirst()?.key == 0)
      #expect(queue.append(8, from: peer(1), bytes: 0) == .calls(6))
      queue.remove(1)
      #expect(queue.append(9, from: peer(1), bytes: 0) == nil)
      #expect(queue.peerCount == 2, "refused ones are not kept")
    }

    @Test func whatExceedsTheMemoryIsRefused() {
      var queue = CallQueue(limits { ($0.queuedBytes, $0.queuedBytesPerPeer) = (1_000, 600) })
      #expect(queue.append(0, from: peer(1), bytes: 5_000) == nil, "a single one may be larger")
      #expect(queue.append(1, from: peer(2), bytes: 1) == .bytes(1_000))
      #expect(queue.popFirst()?.key == 0)
      #expect(queue.append(2, from: peer(1), bytes: 500) == nil)
      #expect(queue.append(3, from: peer(1), bytes: 101) == .bytesOfPeer(600))
      #expect(queue.append(4, from: peer(2), bytes: 500) == nil)
      #expect(queue.bytes == 1_000)
    }

    @Test func aQuarterIsKeptForOthers() {
      let shares = limits { ($0.handlers, $0.queuedCalls, $0.queuedBytes) = (8, 100, 4_000) }
      #expect(shares.handlersPerPeer == 6 && shares.callsPerPeer == 6 + 75 && shares.bytesPerPeer == 3_000)
      let one = limits { ($0.handlers, $0.queuedCalls) = (1, 0) }
      #expect(one.handlersPerPeer == 1 && one.callsPerPeer == 1)
      let odd = limits { ($0.handlers, $0.queuedCalls) = (-1, .max) }
      #expect(odd.handlers == 1 && odd.calls == .max)
    }

    /// Any sequence of steps, against arrays.
    @Test func againstAModel() {
      var random = SeededGenerator(seed: 11)
      var queue = CallQueue(
        limits {
          ($0.handlers, $0.handlersPerPeer) = (12, 5)
          ($0.queuedCalls, $0.queuedCallsPerPeer) = (60, 25)
        })
      var waiting: [Int: [Int]] = [:]
      var turns: [Int] = []
      var running: [(peer: Int, slot: Int)] = []
      var nextKey = 0
      var free: [Int] = []
      var wrong = 0
      func runs(_ peer: Int) -> Int { running.filter { $0.peer == peer }.count }
      for _ in 0..<100_000 {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<45:
          let number = Int.random(in: 0..<7, using: &random)
          let key = free.popLast() ?? nextKey
          let total = waiting.values.reduce(0) { $0 + $1.count }
          let mine = waiting[number]?.count ?? 0
          let isAccepted = queue.append(key, from: peer(number), bytes: 3) == nil
          if isAccepted != (running.count + total < 72 && runs(number) + mine < 30) { wrong += 1 }
          guard isAccepted else {
            if key != nextKey { free.append(key) }
            continue
          }
          if key == nextKey { nextKey += 1 }
          waiting[number, default: []].append(key)
          if !turns.contains(number), runs(number) < 5 { turns.append(number) }
        case ..<75:
          let popped = queue.popFirst()
          guard running.count < 12, let number = turns.first else {
            if popped != nil { wrong += 1 }
            continue
          }
          turns.removeFirst()
          let key = waiting[number]?.removeFirst()
          guard let popped, popped.key == key else {
            wrong += 1
            continue
          }
          running.append((number, popped.peer))
          if waiting[number]?.isEmpty == true { waiting[number] = nil }
          if waiting[number] != nil, runs(number) < 5 { turns.append(number) }
          free.append(popped.key)
        case ..<92:
          guard let index = running.indices.randomElement(using: &random) else { continue }
          let handler = running.remove(at: index)
          queue.finish(handler.slot)
          if waiting[handler.peer] != nil, !turns.contains(handler.peer), runs(handler.peer) < 5 {
            turns.append(handler.peer)
          }
        default:
          guard let number = waiting.keys.randomElement(using: &random),
            let key = waiting[number]?.randomElement(using: &random)
          else { continue }
          queue.remove(key)
          queue.remove(key)
          waiting[number]?.removeAll { $0 == key }
          if waiting[number]?.isEmpty == true {
            waiting[number] = nil
            turns.removeAll { $0 == number }
          }
          free.append(key)
        }
        let total = waiting.values.reduce(0) { $0 + $1.count }
        if queue.count != total || queue.bytes != total * 3 || queue.running != running.count { wrong += 1 }
        if queue.peerCount != Set(waiting.keys).union(running.map(\.peer)).count { wrong += 1 }
      }
      #expect(wrong == 0)
      #expect(nextKey < 200, "keys were reused")
    }
  }
}
