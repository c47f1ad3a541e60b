import TestSupport
import Testing

@testable import ZeroRPCBroker

/// The machine against a model that is a plain dictionary, in random order of everything that can happen.
@Suite struct RandomMachineTests {
  /// What the model knows of a channel.
  private struct Expectation {
    var key: [UInt8]
    var worker: Int?
    var number: Int
  }

  private struct Model {
    var machine: BrokerMachine
    let limit: Int
    var random: SeededGenerator
    var channels: [Expectation] = []
    var ended: [[UInt8]] = []
    var now: UInt64 = 1
    var next = 0
    var refused = 0
    var assigned: [[UInt8]: Set<Int>] = [:]

    mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func fromClient(_ kind: BrokerEvent.Kind, _ key: [UInt8]) -> BrokerMachine.ClientDecision {
      key.withUnsafeBytes { machine.receiveFromClient(BrokerEvent(kind: kind), key: $0, now: now) }
    }

    mutating func fromWorker(_ worker: Int, _ kind: BrokerEvent.Kind, _ key: [UInt8]) -> BrokerMachine.WorkerDecision {
      key.withUnsafeBytes { machine.receiveFromWorker(worker, BrokerEvent(kind: kind), key: $0, now: now) }
    }

    mutating func open() {
      next += 1
      let key = Array("client-\(number(50))/channel-\(next)".utf8)
      switch fromClient(.open, key) {
      case .forward(let worker, let channel):
        assigned[key, default: []].insert(worker)
        channels.append(Expectation(key: key, worker: worker, number: channel))
      case .wait(let channel): channels.append(Expectation(key: key, worker: nil, number: channel))
      case .refuse: refused += 1
      case let other: Issue.record("an opening event was decided as \(other)")
      }
    }

    mutating func end(_ index: Int) {
      ended.append(channels[index].key)
      if ended.count > 100 { ended.removeFirst() }
      channels.swapAt(index, channels.count - 1)
      channels.removeLast()
    }

    mutating func clientSpeaks() {
      guard !channels.isEmpty else { return }
      let index = number(channels.count)
      let channel = channels[index]
      let kind = [BrokerEvent.Kind.heartbeat, .other, .other, .cancellation][number(4)]
      let decision = fromClient(kind, channel.key)
      switch (channel.worker, kind) {
      case (let worker?, _): #expect(decision == .forward(worker: worker, channel: channel.number))
      case (nil, .heartbeat): #expect(decision == .answerHeartbeat)
      case (nil, .cancellation): #expect(decision == .discard(channel: channel.number))
      case (nil, _): #expect(decision == .wait(channel: channel.number))
      }
      if kind == .cancellation { end(index) }
    }

    mutating func workerSpeaks(ending: Bool) {
      guard !channels.isEmpty else { return }
      let index = number(channels.count)
      let channel = channels[index]
      let kind = ending ? [BrokerEvent.Kind.done, .failure][number(2)] : [.heartbeat, .other][number(2)]
      let speaker = number(4)
      let decision = fromWorker(speaker, kind, channel.key)
      if speaker == channel.worker {
        #expect(decision == .forward(channel: channel.number, isLast: ending))
        if ending { end(index) }
      } else {
        #expect(decision == .drop(.noChannel))
      }
    }

    mutating func late() {
      guard let key = ended.randomElement(using: &random) else { return }
      #expect(fromClient(.other, key) == .drop(.noChannel))
      #expect(fromWorker(number(4), .done, key) == .drop(.noChannel))
    }

    mutating func workerGoes() {
      let worker = number(4)
      let lost = machine.workerDown(worker)
      let mine = channels.filter { $0.worker == worker }
      #expect(lost == mine.count)
      channels.removeAll { $0.worker == worker }
      ended += mine.map(\.key)
    }

    mutating func assign() {
      while machine.mayAssign, let (number, worker) = machine.assign(now: now) {
        guard let index = channels.firstIndex(where: { $0.number == number && $0.worker == nil }) else {
          Issue.record("a call was assigned that does not wait")
          return
        }
        // First come, first served.
        #expect(!channels.contains { $0.worker == nil && order($0) < order(channels[index]) })
        assigned[channels[index].key, default: []].insert(worker)
        channels[index].worker = worker
      }
    }

    private func order(_ channel: Expectation) -> Int {
      Int(String(decoding: channel.key, as: UTF8.self).split(separator: "-").last ?? "0") ?? 0
    }

    mutating func timePasses() {
      now += UInt64(number(400)) * 1_000_000
      while let number = machine.expire(now: now) {
        guard let index = channels.firstIndex(where: { $0.number == number }) else {
          Issue.record("a channel expired that was not open")
          return
        }
        end(index)
      }
    }
  }

  @Test(arguments: [RPCBrokerPolicy.roundRobin, .leastLoaded, .credit(3)], [UInt64(1), 2])
  func everyChannelHasOneWorker(policy: RPCBrokerPolicy, seed: UInt64) throws {
    var limits = BrokerMachine.Limits()
    limits.policy = policy
    limits.waitingCalls = 40
    limits.channels = 200
    limits.silence = 20_000_000_000
    limits.silenceWithoutHeartbeats = 40_000_000_000
    var model = Model(machine: BrokerMachine(limits), limit: policy.credit, random: SeededGenerator(seed: seed))
    for worker in 0..<4 {
      #expect(model.machine.addWorker("worker \(worker)", now: model.now) == worker)
      model.machine.workerUp(worker)
    }
    for _ in 0..<50_000 {
      switch model.number(100) {
      case 0..<35: model.open()
      case 35..<50: model.clientSpeaks()
      case 50..<60: model.workerSpeaks(ending: false)
      case 60..<92: model.workerSpeaks(ending: true)
      case 92..<94: model.late()
      case 94: model.workerGoes()
      case 95..<98: model.machine.workerUp(model.number(4))
      case 98: model.machine.setFull(model.number(3) == 0, worker: model.number(4))
      default: model.timePasses()
      }
      model.assign()
      #expect(model.machine.channelCount == model.channels.count)
      #expect(model.machine.waitingCount == model.channels.count { $0.worker == nil })
      for worker in 0..<4 {
        let inFlight = model.machine.worker(worker)?.inFlight ?? -1
        #expect(inFlight >= 0 && inFlight <= model.limit)
      }
      if Task.isCancelled { return }
    }
    #expect(model.assigned.allSatisfy { $0.value.count == 1 })
    #expect(model.assigned.count > 1_000)
    // The end of everything: nothing may stay behind.
    for worker in 0..<4 {
      model.machine.setFull(false, worker: worker)
      model.machine.workerUp(worker)
    }
    while !model.channels.isEmpty {
      model.assign()
      for _ in 0..<100 { model.workerSpeaks(ending: true) }
    }
    #expect(model.machine.channelCount == 0)
    #expect(model.machine.waitingCount == 0)
    #expect(model.machine.nextDue == .max)
    for worker in 0..<4 { #expect(model.machine.worker(worker)?.inFlight == 0) }
  }
}
