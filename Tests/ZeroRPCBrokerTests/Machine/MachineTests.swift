import MessagePack
import TestSupport
import Testing

@testable import ZeroRPCBroker

@Suite struct MachineTests {
  private let second: UInt64 = 1_000_000_000

  private func machine(
    _ policy: RPCBrokerPolicy = .roundRobin, workers: Int = 2,
    _ configure: (inout BrokerMachine.Limits) -> Void = { _ in }
  ) -> BrokerMachine {
    var limits = BrokerMachine.Limits()
    limits.policy = policy
    configure(&limits)
    var machine = BrokerMachine(limits)
    for number in 0..<workers { machine.workerUp(machine.addWorker("worker \(number)", now: 0)) }
    return machine
  }

  private func client(
    _ machine: inout BrokerMachine, _ kind: BrokerEvent.Kind, _ key: String, now: UInt64 = 1, patience: Int64? = nil
  ) -> BrokerMachine.ClientDecision {
    Array(key.utf8).withUnsafeBytes {
      machine.receiveFromClient(BrokerEvent(kind: kind, patience: patience), key: $0, now: now)
    }
  }

  private func worker(
    _ machine: inout BrokerMachine, _ number: Int, _ kind: BrokerEvent.Kind, _ key: String, now: UInt64 = 1
  ) -> BrokerMachine.WorkerDecision {
    Array(key.utf8).withUnsafeBytes {
      machine.receiveFromWorker(number, BrokerEvent(kind: kind), key: $0, now: now)
    }
  }

  @Test func workersTakeTurns() {
    var machine = machine(workers: 3)
    let workers = (0..<9).map { index -> Int in
      guard case .forward(let worker, _) = client(&machine, .open, "\(index)") else { return -1 }
      return worker
    }
    #expect(workers == [0, 1, 2, 0, 1, 2, 0, 1, 2])
  }

  @Test func theLeastLoadedIsNext() {
    var machine = machine(.leastLoaded)
    for key in ["a", "b", "c", "d"] { _ = client(&machine, .open, key) }
    #expect(worker(&machine, 1, .done, "b") == .forward(channel: 1, isLast: true))
    #expect(worker(&machine, 1, .done, "d") == .forward(channel: 3, isLast: true))
    for key in ["e", "f"] {
      guard case .forward(1, _) = client(&machine, .open, key) else {
        Issue.record("\(key) went to the loaded worker")
        return
      }
    }
  }

  @Test func creditLetsCallsWait() {
    var machine = machine(.credit(1)) { $0.waitingCalls = 1 }
    #expect(client(&machine, .open, "a") == .forward(worker: 0, channel: 0))
    #expect(client(&machine, .open, "b") == .forward(worker: 1, channel: 1))
    #expect(client(&machine, .open, "c") == .wait(channel: 2))
    #expect(client(&machine, .open, "d") == .refuse)
    #expect(client(&machine, .heartbeat, "c") == .answerHeartbeat)
    #expect(worker(&machine, 1, .done, "b") == .forward(channel: 1, isLast: true))
    #expect(machine.mayAssign)
    let assigned = machine.assign(now: 1)
    #expect(assigned?.channel == 2)
    #expect(assigned?.worker == 1)
    #expect(client(&machine, .heartbeat, "c") == .forward(worker: 1, channel: 2))
  }

  @Test func aLostWorkerTakesItsChannelsAlong() {
    var machine = machine()
    for key in ["a", "b", "c"] { _ = client(&machine, .open, key) }
    #expect(machine.workerDown(0) == 2)
    #expect(client(&machine, .other, "a") == .drop(.noChannel))
    #expect(worker(&machine, 0, .done, "a") == .drop(.noChannel))
    #expect(client(&machine, .other, "b") == .forward(worker: 1, channel: 1))
    for key in ["d", "e"] {
      guard case .forward(1, _) = client(&machine, .open, key) else {
        Issue.record("\(key) went to the lost worker")
        return
      }
    }
    machine.workerDown(1)
    guard case .wait = client(&machine, .open, "f") else {
      Issue.record("without a worker, a call waits")
      return
    }
    machine.workerUp(0)
    #expect(machine.assign(now: 1)?.worker == 0)
  }

  /// A worker that beats every five seconds and falls silent is given up after four of them, one that never beat after an hour.
  @Test func silenceEndsChannels() {
    var machine = machine(workers: 1)
    _ = client(&machine, .open, "beating", now: second)
    _ = client(&machine, .open, "silent", now: second)
    for beat in 1...3 { _ = worker(&machine, 0, .heartbeat, "beating", now: second * UInt64(1 + 5 * beat)) }
    #expect(machine.expire(now: second * 35) == nil)
    #expect(client(&machine, .heartbeat, "beating", now: second * 35) == .forward(worker: 0, channel: 0))
    #expect(machine.expire(now: second * 37) == 0)
    #expect(machine.expire(now: second * 37) == nil)
    #expect(machine.expire(now: second * 3_600) == nil)
    #expect(machine.expire(now: second * 3_602) == 1)
    #expect(machine.channelCount == 0)
  }

  @Test func aWaitingCallEndsWithItsDeadline() {
    var machine = machine(workers: 0)
    #expect(client(&machine, .open, "a", now: second, patience: 2_000) == .wait(channel: 0))
    #expect(machine.expire(now: second * 2) == nil)
    #expect(machine.expire(now: second * 4) == 0)
    #expect(machine.waitingCount == 0)
  }

  @Test func workersMayNotOpenChannels() {
    var machine = machine()
    #expect(worker(&machine, 0, .open, "a") == .drop(.fromWorker))
  }

  @Test func eventsAreReadByTheirHeader() throws {
    func read(_ bytes: [UInt8]) throws -> BrokerEvent.Kind {
      try bytes.withUnsafeBytes { try BrokerEvent.read($0).kind }
    }
    #expect(try read(RawEvent.request("add", [1, 2], id: .string("x"))) == .open)
    #expect(try read(RawEvent.request("add", [], id: 7, extra: [("response_to", .nil)])) == .open)
    for (name, kind) in [
      ("OK", BrokerEvent.Kind.done), ("ERR", .failure), ("STREAM", .other), ("STREAM_DONE", .done),
      ("_zpc_hb", .heartbeat),
      ("_zpc_more", .other), ("anything", .other),
    ] {
      #expect(try read(RawEvent.reply(.string(name), .nil, to: .string("x"))) == kind, "\(name)")
    }
    for name in ["_zpc_hb", "_zpc_more"] {
      #expect(throws: (any Error).self) { try read(RawEvent.request(.string(name), [0], id: .string("x"))) }
    }
    #expect(throws: (any Error).self) { try read(RawEvent.pack(header: .map([:]), "add", [])) }
    #expect(throws: (any Error).self) { try read([0x93, 0x81]) }
  }
}
