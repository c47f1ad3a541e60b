internal import CZeroMQ
internal import Synchronization

extension EventLoop {
  /// Jobs run before the sources get their turn again.
  private static let jobsPerTurn = 64
  /// How long a turn of jobs lasts at most, in nanoseconds, unless one job alone takes longer.
  private static let turnNanoseconds: UInt64 = 100_000
  /// How many jobs ahead their tasks are fetched: with many of them, each is out of the processor's caches when its turn comes.
  private static let jobsAhead = 3
  /// How long sockets are not looked at, at least, while there is work, in nanoseconds.
  private static let pollInterval: UInt64 = 200_000
  /// The same at most, however many jobs wait.
  private static let longestPollInterval: UInt64 = 10_000_000
  /// How long the leader parks at most while there was traffic lately, in nanoseconds: a timer set from another thread
  /// that is later than this needs no wake.
  private static let shortPark: UInt64 = 500_000_000
  /// How long after the last traffic the leader parks without limit, in nanoseconds.
  private static let quietPeriod: UInt64 = 5_000_000_000

  /// Leads until deposed (true) or until the loop stops (false).
  func lead() -> Bool {
    var lease = Lease(loop: self)
    var ready: [UInt32] = []
    var lastTraffic = MonotonicTime.now()
    var lastPoll = lastTraffic
    // Jobs that waited when the sockets were served last, and have not run yet. What the sockets hold by now would have to wait
    // for them. Meanwhile more comes, and leaves together later.
    var backlog = 0

    while true {
      var now = MonotonicTime.now()
      if now >= earliestDeadline.load(ordering: .acquiring) {
        guard serveDueSources(now, &lease) else { return true }
      }

      let start = now
      for token in ready {
        guard let source = sources.withLock({ $0[token] }) else { continue }
        source.registration.isReported.store(true, ordering: .relaxed)
        guard serve(source, now, &lease) else { return true }
        // What runs then sends at once, while all that it needs is still in the processor's caches.
        let ran = runJobsBetween(&lease, &now, since: start)
        guard lease.isHeld else { return true }
        if ran > 0, source.registration.isDirty.exchange(false, ordering: .sequentiallyConsistent) {
          guard serve(source, now, &lease) else { return true }
        }
      }
      if !ready.isEmpty {
        ready.removeAll(keepingCapacity: true)
        lastTraffic = now
        backlog = jobs.withLock { $0.count }
      }

      for _ in 0..<dirty.withLock({ $0.count }) {
        guard let source = dirty.withLock({ $0.popFirst() }) else { break }
        // It may have been served in the meantime.
        guard source.registration.isDirty.exchange(false, ordering: .sequentiallyConsistent) else { continue }
        guard serve(source, now, &lease) else { return true }
        backlog -= runJobsBetween(&lease, &now, since: start)
        guard lease.isHeld else { return true }
      }

      let (ran, mayHaveMore) = runJobs(&lease, from: now)
      guard lease.isHeld else { return true }
      backlog -= ran

      if mayHaveMore || dirty.withLock({ !$0.isEmpty }) {
        // Busy: other sockets still get a look now and then.
        now = MonotonicTime.now()
        lastTraffic = now
        let sincePoll = now &- lastPoll
        if sincePoll > EventLoop.longestPollInterval || backlog <= 0 && sincePoll > EventLoop.pollInterval {
          lastPoll = now
          poller.wait(nanoseconds: 0, into: &ready)
        }
        continue
      }
      if ran > 0 { lastTraffic = now }

      isParked.store(true, ordering: .sequentiallyConsistent)
      let mayRun = isGuarded.load(ordering: .sequentiallyConsistent)
      if (mayRun && jobs.withLock { $0.count > 0 }) || dirty.withLock({ !$0.isEmpty }) {
        isParked.store(false, ordering: .sequentiallyConsistent)
        continue
      }
      if roster.withLock({ $0.isStopping }), hasNothingToDo {
        isParked.store(false, ordering: .sequentiallyConsistent)
        return false
      }
      park(now: now, lastTraffic: lastTraffic, into: &ready)
      isParked.store(false, ordering: .sequentiallyConsistent)
      lastPoll = now
      if !ready.isEmpty { lastTraffic = now }
    }
  }

  private func park(now: UInt64, lastTraffic: UInt64, into ready: inout [UInt32]) {
    let limit = now &- lastTraffic < EventLoop.quietPeriod ? now &+ EventLoop.shortPark : MonotonicTime.never
    parkedUntil.store(limit, ordering: .sequentiallyConsistent)
    // Read after `parkedUntil` was published: a timer set before that is seen here, one set later wakes us if needed.
    let until = min(limit, earliestDeadline.load(ordering: .sequentiallyConsistent))
    let wait = until == MonotonicTime.never ? UInt64.max : until > now ? until &- now : 0
    poller.wait(nanoseconds: wait, into: &ready)
  }

  /// Serves one source; false when leadership was lost meanwhile.
  private func serve(_ source: any EventSource, _ now: UInt64, _ lease: inout Lease) -> Bool {
    servesSource.store(true, ordering: .relaxed)
    lease.begin()
    let hasMore = source.service(now: now)
    // Wakes the leader too, which may be another one by now, and parked.
    if hasMore { visit(source) }
    let next = source.registration.deadline.load(ordering: .sequentiallyConsistent)
    if next != MonotonicTime.never { note(deadline: next) }
    return lease.end()
  }

  private func serveDueSources(_ now: UInt64, _ lease: inout Lease) -> Bool {
    earliestDeadline.store(MonotonicTime.never, ordering: .sequentiallyConsistent)
    let all = sources.withLock { $0.entries }
    var isHeld = true
    for case .some(let source) in all {
      if isHeld, source.registration.deadline.load(ordering: .sequentiallyConsistent) <= now {
        isHeld = serve(source, now, &lease)
      }
      let next = source.registration.deadline.load(ordering: .sequentiallyConsistent)
      if next != MonotonicTime.never { note(deadline: next) }
    }
    return isHeld
  }

  /// Runs queued jobs, one at a time, up to a turn's worth; `lease.isHeld` is false if it was deposed meanwhile.
  private func runJobs(_ lease: inout Lease, from start: UInt64) -> (ran: Int, mayHaveMore: Bool) {
    var ran = 0
    guard isGuarded.load(ordering: .acquiring) else { return (0, false) }
    servesSource.store(false, ordering: .relaxed)
    while ran < EventLoop.jobsPerTurn {
      guard let job = nextJob() else { return (ran, false) }
      lease.begin()
      job.runSynchronously(on: asUnownedTaskExecutor())
      ran += 1
      guard lease.end() else { return (ran, true) }
      // Jobs that take their time must not keep what others want to send or have received.
      if ran & 7 == 0, MonotonicTime.now() &- start > EventLoop.turnNanoseconds { break }
    }
    return (ran, true)
  }

  /// Runs what a source has woken, before the next one is served and more waits than has to; not when sockets have not been
  /// looked at for long. `now` advances when something ran.
  private func runJobsBetween(_ lease: inout Lease, _ now: inout UInt64, since start: UInt64) -> Int {
    guard now &- start < EventLoop.longestPollInterval else { return 0 }
    let (ran, _) = runJobs(&lease, from: now)
    if ran > 0 { now = MonotonicTime.now() }
    return ran
  }

  private func nextJob() -> UnownedJob? {
    let (job, later) = jobs.withLock { ($0.popFirst(), $0.peek(at: EventLoop.jobsAhead)) }
    if let later { zrpc_prefetch(unsafeBitCast(later, to: UnsafeRawPointer.self)) }
    return job
  }
}

/// A leader's hold on the ticket: every piece of work advances it, and a failed advance means that another took over.
private struct Lease {
  private let loop: EventLoop
  private var value: UInt64
  private(set) var isHeld = true

  init(loop: EventLoop) {
    self.loop = loop
    value = loop.ticket.load(ordering: .sequentiallyConsistent)
  }

  /// Marks the start of a piece of work.
  mutating func begin() {
    advance()
    if loop.watchdogSleeps.load(ordering: .sequentiallyConsistent),
      loop.watchdogSleeps.exchange(false, ordering: .sequentiallyConsistent)
    {
      loop.watchdogGate.open()
    }
  }

  /// Marks its end; false when somebody else leads by now.
  mutating func end() -> Bool {
    advance()
    return isHeld
  }

  private mutating func advance() {
    // The counter wraps within the low half; its lowest bit says whether work is under way.
    let next = (value & 0xFFFF_FFFF_0000_0000) | ((value &+ 1) & 0xFFFF_FFFF)
    let (exchanged, original) = loop.ticket.compareExchange(
      expected: value, desired: next, ordering: .sequentiallyConsistent)
    if exchanged { value = next } else { isHeld = false; value = original }
  }
}
