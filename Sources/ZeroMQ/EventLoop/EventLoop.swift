internal import Synchronization

/// Polls a context's sockets and runs Swift jobs beside them, so that a handler or a caller that runs on it needs no
/// thread switch; as a `TaskExecutor` it can be preferred by any task.
///
/// A few threads share the loop. One, the **leader**, polls, serves the sources and runs queued jobs inline, one at a
/// time. Another, the **watchdog**, looks every millisecond while there is traffic whether the same job is still
/// running; if so it takes over as leader and a spare becomes the watchdog. The old leader finishes its job and joins
/// the spares. So a job that computes or blocks costs its own thread and delays others by a few milliseconds at most. Serving a
/// source takes microseconds, so it gets 20 milliseconds: most often the system has only suspended the leader.
///
/// While jobs wait, descriptors are looked at when those that waited at the last time have run, or after ten milliseconds: what comes
/// in could not run before those. What a source has woken runs before the next source is served, so that a call whose reply was
/// received is done with while its memory is in the processor's caches.
///
/// Taking over needs no lock: leadership and progress are one atomic word, the *ticket*. Being two leaders for a moment
/// would be harmless too, since sources serialise their own state; the ticket only guarantees that somebody leads.
///
/// Not a `SerialExecutor`: a job of a deposed leader runs beside the new leader's jobs.
public final class EventLoop: TaskExecutor {
  // The ticket: epoch in the high half; in the low half a counter whose lowest bit says that work is under way.
  let ticket = Atomic<UInt64>(0)
  /// Whether the work under way is a source's and no job. Read only where a wrong answer does no harm.
  let servesSource = Atomic<Bool>(false)
  let isParked = Atomic<Bool>(false)
  let watchdogSleeps = Atomic<Bool>(false)
  /// False while no thread is left to watch the leader; it then runs no jobs, only sources.
  let isGuarded = Atomic<Bool>(true)
  let isRunning = Atomic<Bool>(false)
  /// Whether the watchdog has to wake a leader that is parked, because of ``visitSoon(_:)``.
  let hasLazyVisits = Atomic<Bool>(false)
  /// The earliest deadline of all sources, or earlier.
  let earliestDeadline = Atomic<UInt64>(MonotonicTime.never)

  let jobs = Guarded(Ring<UnownedJob>())
  let roster = Guarded(Roster())
  let sources = Guarded(SourceTable())
  /// Sources to visit. The leader takes one at a time, so that nothing is left with one that has been replaced.
  let dirty = Guarded(Ring<any EventSource>())
  let watchdogGate = ThreadGate()
  let poller = Poller()

  /// The time of a test, and what is to happen in it; nil outside of tests. See `EventLoop+Simulation.swift`.
  package let simulation: LoopSimulation?

  init(_ simulation: LoopSimulation? = nil) {
    self.simulation = simulation
    guard simulation != nil else { return }
    // It starts its only thread whenever it is woken, and no other.
    isRunning.store(true, ordering: .sequentiallyConsistent)
    isParked.store(true, ordering: .sequentiallyConsistent)
    parkedUntil.store(MonotonicTime.never, ordering: .sequentiallyConsistent)
  }

  /// Queues a job; the leader runs it inline. Any thread may call it.
  public func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    jobs.withLock { $0.append(unowned) }
    if isParked.load(ordering: .sequentiallyConsistent) { wake() }
    startIfNeeded()
  }

  /// The number of threads that the loop has at the moment.
  package var threadCount: Int { roster.withLock { $0.threads } }

  /// The number of jobs that nobody runs yet.
  package var queuedJobs: Int { jobs.withLock { $0.count } }

  /// The number of sockets that the loop serves.
  package var sourceCount: Int { sources.withLock { $0.count } }

  // MARK: Sources

  /// Starts serving a source.
  package func register(_ source: some EventSource) {
    let registration = source.registration
    let token = sources.withLock { $0.insert(source) }
    registration.token.store(token, ordering: .sequentiallyConsistent)
    if let simulation {
      simulation.state.withLock { $0.sources[registration.descriptor] = source }
    } else {
      poller.add(registration.descriptor, token: token)
    }
    startIfNeeded()
    visit(source)
  }

  /// Stops serving a source. Its descriptor must still be open; the leader may be inside `service` for a last time.
  package func unregister(_ source: some EventSource) {
    let token = source.registration.token.exchange(.max, ordering: .sequentiallyConsistent)
    guard token != .max else { return }
    if let simulation {
      simulation.state.withLock { $0.sources[source.registration.descriptor] = nil }
    } else {
      poller.remove(source.registration.descriptor, token: token)
    }
    sources.withLock { $0.remove(token) }
  }

  /// Closes every source, because the process exits.
  func closeSources() {
    for case .some(let source) in sources.withLock({ $0.entries }) { source.close() }
  }

  /// Has the leader serve a source before it parks, and wakes it if it is parked.
  package func visit(_ source: some EventSource) {
    let registration = source.registration
    // Looked at before it is taken: that is cheaper, and most often somebody has asked already. What the caller did under the
    // source's lock is seen by the visit that is still to come, because that takes the lock after it has cleared the flag.
    guard !registration.isDirty.load(ordering: .sequentiallyConsistent),
      !registration.isDirty.exchange(true, ordering: .sequentiallyConsistent)
    else { return }
    dirty.withLock { $0.append(source) }
    if isParked.load(ordering: .sequentiallyConsistent) { wake() }
  }

  /// Has the leader serve a source before it parks; if it is parked, when it wakes, and within about two milliseconds.
  ///
  /// For what somebody else will most likely have seen to by then.
  package func visitSoon(_ source: some EventSource) {
    let registration = source.registration
    guard !registration.isDirty.load(ordering: .sequentiallyConsistent),
      !registration.isDirty.exchange(true, ordering: .sequentiallyConsistent)
    else { return }
    dirty.withLock { $0.append(source) }
    guard isParked.load(ordering: .sequentiallyConsistent) else { return }
    hasLazyVisits.store(true, ordering: .sequentiallyConsistent)
    // The watchdog sees to it, unless there is none, or it sleeps because there was no traffic.
    if isSimulated || watchdogSleeps.load(ordering: .sequentiallyConsistent)
      || !isGuarded.load(ordering: .sequentiallyConsistent)
    {
      wake()
    }
  }

  /// Whether the leader sleeps. A sender that sees true must look for input itself and call ``visit(_:)`` if there is
  /// some, because its send may have consumed the edge that would have woken the leader.
  @inline(__always)
  package var leaderIsParked: Bool { isParked.load(ordering: .sequentiallyConsistent) }

  /// Makes sure that a source is served at a time. Cheap when the leader wakes before that anyway.
  package func schedule(_ source: some EventSource, at time: UInt64) {
    let registration = source.registration
    if time < registration.deadline.load(ordering: .relaxed) { lower(registration.deadline, to: time) }
    note(deadline: time)
  }

  /// Lowers the time at which the leader looks for due sources.
  func note(deadline time: UInt64) {
    if time < earliestDeadline.load(ordering: .sequentiallyConsistent) {
      lower(earliestDeadline, to: time)
      if isParked.load(ordering: .sequentiallyConsistent), time < parkedUntil.load(ordering: .sequentiallyConsistent) {
        wake()
      }
    }
  }

  /// When the parked leader wakes by itself.
  let parkedUntil = Atomic<UInt64>(0)

  private func lower(_ value: borrowing Atomic<UInt64>, to time: UInt64) {
    var current = value.load(ordering: .relaxed)
    while time < current {
      let (exchanged, original) = value.compareExchange(
        expected: current, desired: time, ordering: .sequentiallyConsistent)
      if exchanged { return }
      current = original
    }
  }

  func wake() {
    guard isParked.exchange(false, ordering: .sequentiallyConsistent) else { return }
    if isSimulated { startSimulating() } else { poller.wake() }
  }

  /// Ends the threads when nothing is left to do. A later job or source starts them again.
  func stop() {
    // Its thread ends by itself.
    if isSimulated { return }
    roster.withLock { $0.isStopping = true }
    isParked.store(false, ordering: .sequentiallyConsistent)
    poller.wake()
    watchdogGate.open()
  }
}

/// Holds the sources by token.
struct SourceTable: Sendable {
  private(set) var entries: [(any EventSource)?] = []
  private var free: [UInt32] = []
  private(set) var count = 0

  mutating func insert(_ source: any EventSource) -> UInt32 {
    count += 1
    if let token = free.popLast() {
      entries[Int(token)] = source
      return token
    }
    entries.append(source)
    return UInt32(entries.count - 1)
  }

  mutating func remove(_ token: UInt32) {
    guard Int(token) < entries.count, entries[Int(token)] != nil else { return }
    entries[Int(token)] = nil
    free.append(token)
    count -= 1
  }

  subscript(token: UInt32) -> (any EventSource)? {
    Int(token) < entries.count ? entries[Int(token)] : nil
  }
}
