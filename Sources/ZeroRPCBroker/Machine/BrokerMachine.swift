internal import ZeroRPC

/// Pins channels to workers: a state machine without a clock, a socket or a message.
///
/// A channel is known by its *key*, the client's envelope and the channel's id as bytes. The shell tells of each event and
/// gets a decision; what waits it keeps itself, under the channel's number. Whenever ``mayAssign`` is true it calls
/// ``assign(now:)`` until that returns nil.
package struct BrokerMachine {
  /// Bounds what the machine holds. Times are nanoseconds.
  package struct Limits: Sendable {
    package var policy = RPCBrokerPolicy.roundRobin
    package var waitingCalls = 10_000
    package var channels = 1_000_000
    package var silence: UInt64 = 60_000_000_000
    package var silenceWithoutHeartbeats: UInt64 = 3_600_000_000_000

    package init() {}
  }

  /// What to do with an event of a client.
  package enum ClientDecision: Sendable, Equatable {
    case forward(worker: Int, channel: Int)
    /// Keep it with its channel until the channel is assigned.
    case wait(channel: Int)
    /// Answer the heartbeat: no worker does yet.
    case answerHeartbeat
    /// The caller has given up: forget what is kept of the channel.
    case discard(channel: Int)
    /// Answer the call with an error: too much waits or is open.
    case refuse
    case drop(BrokerDrop)
  }

  /// What to do with an event of a worker.
  package enum WorkerDecision: Sendable, Equatable {
    case forward(channel: Int, isLast: Bool)
    case drop(BrokerDrop)
  }

  struct Channel: Sendable {
    let key: InlineBytes
    let hash: UInt64
    /// Its worker, or -1 while it waits for one.
    var worker: Int
    /// When its worker got it.
    var assignedAt: UInt64
    /// When something was last heard: of the worker, or of anyone while its heartbeats are unknown.
    var lastHeard: UInt64
    /// When the caller stops waiting for the first answer.
    var deadline: UInt64
    /// The worker's interval of heartbeats; 0 while none has come.
    var interval: UInt64 = 0
    /// Whether the client sends heartbeats.
    var isBeating = false
  }

  let limits: Limits
  let credit: Int
  var channels = ChannelTable()
  var index = ChannelIndex()
  var timers = TimerWheel()
  var waiting = WaitingCalls()
  var workers: [Worker?] = []
  var lastWorker = -1
  /// Whether a call that waits may have a worker now.
  package internal(set) var mayAssign = false
  package internal(set) var counters = Counters()

  /// Makes a machine without workers.
  package init(_ limits: Limits) {
    self.limits = limits
    credit = limits.policy.credit
  }

  /// The number of channels that are open, waiting ones included.
  package var channelCount: Int { channels.count }

  /// The number of calls that wait for a worker.
  package var waitingCount: Int { waiting.count }

  // MARK: Clients

  /// Decides about an event of a client.
  package mutating func receiveFromClient(
    _ event: BrokerEvent, key: UnsafeRawBufferPointer, now: UInt64
  ) -> ClientDecision {
    let hash = index.hash(key, UnsafeRawBufferPointer(start: nil, count: 0))
    if let number = find(key, hash) { return receive(event, on: number, now: now) }
    guard event.kind == .open else { return drop(.noChannel) }
    let worker = waiting.count == 0 ? pick() : nil
    guard channels.count < limits.channels, worker != nil || waiting.count < limits.waitingCalls else {
      counters.drops[.overloaded, default: 0] += 1
      return .refuse
    }
    var deadline = UInt64.max
    if let patience = event.patience, patience >= 0 {
      let (nanoseconds, isLong) = UInt64(patience).multipliedReportingOverflow(by: 1_000_000)
      let (time, isLate) = now.addingReportingOverflow(nanoseconds)
      if !isLong, !isLate { deadline = time }
    }
    let bytes = InlineBytes(key)
    let (number, generation) = channels.insert(
      Channel(key: bytes, hash: hash, worker: worker ?? -1, assignedAt: now, lastHeard: now, deadline: deadline))
    index.insert(hash, slot: number)
    counters.calls += 1
    counters.meter.note(now: now)
    if let worker {
      timers.set(number, due: now &+ limits.silence)
      begin(worker, now: now)
      return .forward(worker: worker, channel: number)
    }
    timers.set(number, due: min(deadline, now &+ limits.silence))
    waiting.append(WaitingCalls.Ticket(channel: number, generation: generation))
    return .wait(channel: number)
  }

  private mutating func receive(_ event: BrokerEvent, on number: Int, now: UInt64) -> ClientDecision {
    let worker = channels[number]?.worker ?? -1
    if channels[number]?.interval == 0 { channels[number]?.lastHeard = now }
    if event.kind == .heartbeat { channels[number]?.isBeating = true }
    if worker >= 0 {
      // A worker ends what is cancelled without a word, or knows no cancellation and goes on for nobody.
      if event.kind == .cancellation { remove(number) }
      return .forward(worker: worker, channel: number)
    }
    switch event.kind {
    case .heartbeat: return .answerHeartbeat
    case .cancellation:
      remove(number)
      return .discard(channel: number)
    case .open, .other, .done, .failure: return .wait(channel: number)
    }
  }

  // MARK: Workers' events

  /// Decides about an event of a worker.
  package mutating func receiveFromWorker(
    _ worker: Int, _ event: BrokerEvent, key: UnsafeRawBufferPointer, now: UInt64
  ) -> WorkerDecision {
    guard event.kind != .open else { return drop(.fromWorker) }
    let hash = index.hash(key, UnsafeRawBufferPointer(start: nil, count: 0))
    guard let number = find(key, hash), channels[number]?.worker == worker else { return drop(.noChannel) }
    switch event.kind {
    case .done:
      workers[worker]?.done += 1
      counters.done += 1
      remove(number)
      return .forward(channel: number, isLast: true)
    case .failure:
      workers[worker]?.errors += 1
      counters.errors += 1
      remove(number)
      return .forward(channel: number, isLast: true)
    case .heartbeat:
      learnInterval(number, now)
      fallthrough
    case .open, .cancellation, .other:
      channels[number]?.lastHeard = now
      return .forward(channel: number, isLast: false)
    }
  }

  /// The first heartbeat comes one interval after the channel was opened.
  private mutating func learnInterval(_ number: Int, _ now: UInt64) {
    guard let channel = channels[number], channel.interval == 0 else { return }
    channels[number]?.interval = max(1, now &- channel.assignedAt)
    timers.set(number, due: now &+ silence(of: number))
  }

  /// How long a channel may be silent. A client gives a worker up after three of its heartbeats at most.
  private func silence(of number: Int) -> UInt64 {
    guard let channel = channels[number] else { return 0 }
    if channel.interval > 0 {
      let (intervals, overflow) = channel.interval.multipliedReportingOverflow(by: BrokerMachine.patience)
      return min(limits.silence, max(overflow ? .max : intervals, 1_000_000_000))
    }
    return channel.isBeating ? limits.silence : limits.silenceWithoutHeartbeats
  }

  /// How many heartbeats a worker may owe on a channel.
  private static let patience: UInt64 = 4

  // MARK: The end of channels

  /// Forgets a channel that can go on no more, because a message of it could not be delivered.
  package mutating func abandon(_ number: Int, _ reason: BrokerDrop) {
    counters.drops[reason, default: 0] += 1
    if channels[number] != nil {
      counters.lost += 1
      remove(number)
    }
  }

  /// Counts a message that was dropped before it could be decided about.
  package mutating func note(_ reason: BrokerDrop) { counters.drops[reason, default: 0] += 1 }

  /// Forgets one channel whose time is over and returns it; nil when none is due any more.
  package mutating func expire(now: UInt64) -> Int? {
    while let number = timers.popDue(now: now) {
      guard let channel = channels[number] else { continue }
      let isOver = channel.worker < 0 && channel.deadline <= now
      let due = channel.lastHeard &+ silence(of: number)
      guard isOver || due <= now else {
        timers.set(number, due: channel.worker < 0 ? min(due, channel.deadline) : due)
        continue
      }
      counters.expired += 1
      remove(number)
      return number
    }
    return nil
  }

  /// When ``expire(now:)`` has something to do at the earliest.
  package var nextDue: UInt64 { timers.earliest }

  mutating func remove(_ number: Int) {
    guard let channel = channels[number] else { return }
    if channel.worker >= 0 {
      workers[channel.worker]?.inFlight -= 1
      if waiting.count > 0 { mayAssign = true }
    } else {
      waiting.count -= 1
    }
    timers.cancel(number)
    index.remove(channel.hash, slot: number)
    channels.remove(number)
    if waiting.isMostlyStale {
      waiting.keep { channels.contains($0.channel, generation: $0.generation) }
    }
  }

  private func find(_ key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
    index.find(hash) { channels[$0]?.key.equals(key) == true }
  }

  private mutating func drop(_ reason: BrokerDrop) -> ClientDecision {
    counters.drops[reason, default: 0] += 1
    return .drop(reason)
  }

  private mutating func drop(_ reason: BrokerDrop) -> WorkerDecision {
    counters.drops[reason, default: 0] += 1
    return .drop(reason)
  }
}
