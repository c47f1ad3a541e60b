@testable import ZeroRPC

/// Reads the input as a list of steps.
private struct Steps {
  let bytes: UnsafeRawBufferPointer
  var offset = 0

  mutating func next() -> UInt8? {
    guard offset < bytes.count else { return nil }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func number() -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<8 { value = value << 8 | UInt64(next() ?? 0) }
    return value
  }
}

private let names: [EventName] = [.ok, .error, .stream, .streamDone, .heartbeat, .more, .method]

/// The channel machines of both sides, and the queue of calls, by any order of events at any time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  var steps = Steps(bytes: UnsafeRawBufferPointer(start: start, count: count))
  switch (steps.next() ?? 0) % 3 {
  case 0: client(&steps)
  case 1: server(&steps)
  default: queue(&steps)
  }
  return 0
}

private func client(_ steps: inout Steps) {
  let expectations: [ClientCallMachine.Expectation] = [.value, .stream, .either]
  var now = steps.number()
  var machine = ClientCallMachine(
    expecting: expectations[Int(steps.next() ?? 0) % 3], heartbeat: steps.number(),
    isPassive: (steps.next() ?? 0) & 1 == 1,
    window: Int(truncatingIfNeeded: steps.number()), deadline: steps.number(), streamDeadline: steps.number(), now: now)
  var isOver = false
  while let step = steps.next() {
    switch step % 10 {
    case 0..<7:
      let effect = machine.receive(names[Int(step % 10)], now: now)
      precondition(!isOver || effect == .ignore, "an event after the end")
      switch effect {
      case .ignore, .item: break
      default: isOver = true
      }
    case 7:
      let (later, overflow) = now.addingReportingOverflow(steps.number())
      now = overflow ? .max : later
      let tick = machine.tick(now: now)
      precondition(!isOver || tick == .none, "a tick after the end")
      if tick == .lost || tick == .timedOut { isOver = true }
    case 8:
      if let grant = machine.pull() { precondition(grant > 0 && !isOver, "a grant of nothing, or after the end") }
      machine.took()
    default: machine.awaitItem(until: steps.number())
    }
    if isOver { precondition(machine.nextDue == .max, "a timer after the end") }
  }
}

private func server(_ steps: inout Steps) {
  var now = steps.number()
  var machine = ServerCallMachine(
    version: Int(steps.next() ?? 0) % 5, heartbeat: steps.number(), deadline: steps.number(),
    streamDeadline: steps.number(), now: now)
  while let step = steps.next() {
    let wasEnded = machine.isEnded
    switch step % 10 {
    case 0..<7:
      let number = step & 0x80 == 0 ? nil : Int64(bitPattern: steps.number())
      let effect = machine.receive(
        names[Int(step % 10)], number: number, isCancellation: step & 0x40 != 0, now: now)
      precondition(!wasEnded || effect == .ignore, "an event after the end")
    case 7:
      let (later, overflow) = now.addingReportingOverflow(steps.number())
      now = overflow ? .max : later
      let tick = machine.tick(now: now)
      precondition(!wasEnded || tick == .none, "a tick after the end")
    case 8:
      let before = machine.availableCredit
      let isSpent = machine.spend()
      precondition(!isSpent || (!wasEnded && before > 0), "credit out of nothing")
    default:
      if step & 0x80 != 0 { precondition(machine.end() == !wasEnded, "ended twice") }
    }
    precondition(machine.availableCredit >= 0, "negative credit")
    precondition(!machine.isEnded || machine.nextDue == .max, "a timer after the end")
    precondition(!wasEnded || machine.isEnded, "begun again")
  }
}

private func queue(_ steps: inout Steps) {
  var limits = RPCServerLimits()
  limits.handlers = Int(steps.next() ?? 0) % 9
  limits.queuedCalls = Int(steps.next() ?? 0) % 33
  limits.queuedBytes = Int(steps.next() ?? 0) * 16
  var queue = CallQueue(ServerLimits(limits))
  var waiting: Set<Int> = []
  var running: [Int] = []
  var key = 0
  while let step = steps.next() {
    switch step % 4 {
    case 0, 1:
      let bytes = Int(steps.next() ?? 0)
      if queue.append(key, from: InlineBytes([step / 4 % 8]), bytes: bytes) == nil {
        waiting.insert(key)
        key += 1
      }
    case 2:
      if let next = queue.popFirst() {
        precondition(waiting.remove(next.key) != nil, "a call that does not wait")
        running.append(next.peer)
      } else if let peer = running.popLast() {
        queue.finish(peer)
      }
    default:
      let gone = Int(steps.next() ?? 0)
      queue.remove(gone)
      waiting.remove(gone)
    }
    precondition(queue.count == waiting.count && queue.running == running.count, "lost count")
    precondition(queue.running <= max(1, limits.handlers) && queue.bytes >= 0, "a limit was passed")
    precondition(!waiting.isEmpty || !running.isEmpty || queue.peerCount == 0, "a peer stays behind")
    precondition(running.count > 0 || waiting.isEmpty || queue.canRun, "calls wait for nothing")
  }
}
