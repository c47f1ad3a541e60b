internal import ZeroRPC

// The workers: who there is, and who gets the next call.
extension BrokerMachine {
  /// A worker and its account.
  package struct Worker: Sendable {
    package let name: String
    /// Whether it is connected.
    package internal(set) var isUp = false
    /// Whether it does not answer at the moment; it then gets no new calls.
    package internal(set) var isSilent = false
    /// Whether messages wait for it; it then gets no new calls.
    package internal(set) var isFull = false
    package internal(set) var inFlight = 0
    package internal(set) var calls: UInt64 = 0
    package internal(set) var done: UInt64 = 0
    package internal(set) var errors: UInt64 = 0
    package internal(set) var lost: UInt64 = 0
    package var meter: RateMeter
  }

  /// What the machine counts over all workers.
  package struct Counters: Sendable {
    package var calls: UInt64 = 0
    package var done: UInt64 = 0
    package var errors: UInt64 = 0
    /// Channels that ended because their worker or their client was lost.
    package var lost: UInt64 = 0
    /// Channels that ended by silence.
    package var expired: UInt64 = 0
    package var drops: [BrokerDrop: UInt64] = [:]
    package var meter = RateMeter(now: 0)
  }

  /// Adds a worker, which is down at first, and returns its number.
  package mutating func addWorker(_ name: String, now: UInt64) -> Int {
    let worker = Worker(name: name, meter: RateMeter(now: now))
    if let free = workers.firstIndex(where: { $0 == nil }) {
      workers[free] = worker
      return free
    }
    workers.append(worker)
    return workers.count - 1
  }

  /// Removes a worker for good; its channels end. Returns how many.
  @discardableResult
  package mutating func removeWorker(_ number: Int) -> Int {
    let ended = workerDown(number)
    if workers.indices.contains(number) { workers[number] = nil }
    return ended
  }

  /// Notes that a worker is connected: it gets calls from now on.
  package mutating func workerUp(_ number: Int) {
    guard workers.indices.contains(number) else { return }
    workers[number]?.isUp = true
    workers[number]?.isSilent = false
    if waiting.count > 0 { mayAssign = true }
  }

  /// Notes that a worker is gone. Its channels end, without a word to their clients, as if the client had talked to the worker
  /// itself. Returns how many.
  @discardableResult
  package mutating func workerDown(_ number: Int) -> Int {
    guard workers.indices.contains(number), workers[number] != nil else { return 0 }
    workers[number]?.isUp = false
    workers[number]?.isFull = false
    var ended = 0
    if workers[number]?.inFlight ?? 0 > 0 {
      for channel in channels.keys where channels[channel]?.worker == number {
        remove(channel)
        ended += 1
      }
    }
    counters.lost += UInt64(ended)
    workers[number]?.lost += UInt64(ended)
    return ended
  }

  /// Notes whether a worker answers.
  package mutating func setSilent(_ isSilent: Bool, worker number: Int) {
    guard workers.indices.contains(number) else { return }
    workers[number]?.isSilent = isSilent
    if !isSilent, waiting.count > 0 { mayAssign = true }
  }

  /// Notes whether messages wait for a worker.
  package mutating func setFull(_ isFull: Bool, worker number: Int) {
    guard workers.indices.contains(number) else { return }
    workers[number]?.isFull = isFull
    if !isFull, waiting.count > 0 { mayAssign = true }
  }

  /// A worker by its number.
  package func worker(_ number: Int) -> Worker? { workers.indices.contains(number) ? workers[number] : nil }

  /// Assigns the call that waits longest to a worker; nil when none waits or no worker is free.
  package mutating func assign(now: UInt64) -> (channel: Int, worker: Int)? {
    mayAssign = false
    while waiting.count > 0 {
      guard let worker = pick() else { return nil }
      guard let ticket = waiting.popFirst() else { return nil }
      guard channels.contains(ticket.channel, generation: ticket.generation) else { continue }
      waiting.count -= 1
      channels[ticket.channel]?.worker = worker
      channels[ticket.channel]?.assignedAt = now
      channels[ticket.channel]?.lastHeard = now
      begin(worker, now: now)
      mayAssign = waiting.count > 0
      return (ticket.channel, worker)
    }
    return nil
  }

  mutating func begin(_ worker: Int, now: UInt64) {
    lastWorker = worker
    workers[worker]?.inFlight += 1
    workers[worker]?.calls += 1
    workers[worker]?.meter.note(now: now)
  }

  /// The worker that the policy gives the next call to.
  func pick() -> Int? {
    let count = workers.count
    guard count > 0 else { return nil }
    var best: Int?
    var least = Int.max
    // Searching from behind the last one makes equals take turns.
    var number = lastWorker
    for _ in 0..<count {
      number = number + 1 >= count ? 0 : number + 1
      guard let worker = workers[number], worker.isUp, !worker.isSilent, !worker.isFull, worker.inFlight < credit
      else { continue }
      if limits.policy.inTurn { return number }
      if worker.inFlight < least { (best, least) = (number, worker.inFlight) }
    }
    return best
  }
}
