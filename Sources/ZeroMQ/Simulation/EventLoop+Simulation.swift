internal import Synchronization

// An event loop of simulated sockets and a simulated time, for tests.
//
// It has one thread, and only while something is ready: jobs, and sources with input or a deadline. These run one at a time,
// in the order in which they became ready or as a seed chooses. When nothing is ready, the time leaps to the next moment at
// which something is planned; so a run takes as long as its computations, and the same seed gives the same run.
extension EventLoop {
  /// Whether the loop is simulated.
  package var isSimulated: Bool { simulation != nil }

  /// The time by which the loop's deadlines are measured: that of the simulation, or ``MonotonicTime``.
  @inline(__always)
  package func now() -> UInt64 {
    if let simulation { return simulation.now }
    return MonotonicTime.now()
  }

  /// The executor for a task that must take part in a simulation; nil, which leaves it where it is, when there is none.
  package var simulatedExecutor: (any TaskExecutor)? { simulation == nil ? nil : self }

  /// Sleeps in the loop's time.
  package func sleep(for duration: Duration) async throws {
    guard simulation != nil else { return try await Task.sleep(for: duration) }
    let (deadline, overflow) = now().addingReportingOverflow(duration.clampedNanoseconds)
    try await sleep(until: overflow ? .max : deadline)
  }

  /// Sleeps until a moment of a simulation.
  ///
  /// - Throws: `CancellationError` when the task is cancelled, or the simulation has ended.
  package func sleep(until deadline: UInt64) async throws {
    guard let simulation else { return }
    let number = simulation.state.withLock { $0.nextNumber() }
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
        let sleeps = simulation.state.withLock { state in
          guard !Task.isCancelled, !state.isStopped else { return false }
          state.insert(LoopSimulation.Event(time: deadline, number: number, action: .wake(continuation)))
          return true
        }
        if sleeps { wake() } else { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let event = simulation.state.withLock { state in
        state.events.firstIndex { $0.number == number }.map { state.events.remove(at: $0) }
      }
      if case .wake(let continuation) = event?.action { continuation.resume(throwing: CancellationError()) }
    }
  }

  /// Plans something for a moment of a simulation; it must be short and must not wait.
  package func plan(at time: UInt64, _ action: @escaping @Sendable () -> Void) {
    simulation?.plan(at: time, action)
    wake()
  }

  /// Has the source of a simulated socket served, because something became ready there.
  package func signal(_ descriptor: Int32) {
    guard let source = simulation?.state.withLock({ $0.sources[descriptor] }) else { return }
    visit(source)
  }

  /// Lets everything happen up to a moment of a simulation; returns when nothing is ready any more.
  package func advance(to moment: UInt64) async {
    guard let simulation else { return }
    await withUnsafeContinuation { continuation in
      let waits = simulation.state.withLock { state in
        guard !state.isStopped else { return false }
        state.insert(LoopSimulation.Goal(time: moment, continuation: continuation))
        return true
      }
      if waits { wake() } else { continuation.resume() }
    }
  }

  /// Sets the time of a simulation on, as if nothing had run meanwhile.
  package func leap(to moment: UInt64) { simulation?.move(to: moment) }

  /// Says whether the time of a simulation goes on by itself when nothing is ready.
  package func setAutomatic(_ isAutomatic: Bool) {
    simulation?.state.withLock { $0.isAutomatic = isAutomatic }
    wake()
  }

  /// Ends a simulation: nothing that is planned happens any more, and nobody sleeps. Jobs still run.
  package func stopSimulation() {
    guard let simulation else { return }
    let (events, goals) = simulation.state.withLock { state in
      state.isStopped = true
      defer {
        state.events = []
        state.goals = []
        state.sources = [:]
      }
      return (state.events, state.goals)
    }
    for case .wake(let continuation) in events.map(\.action) { continuation.resume(throwing: CancellationError()) }
    for goal in goals { goal.continuation.resume() }
  }

  // MARK: Running

  /// Starts the thread of a simulated loop, after ``wake()`` has found it parked.
  func startSimulating() { startThread(named: "zrpc-sim") { self.simulate() } }

  private func simulate() {
    guard let simulation else { return }
    while true {
      simulation.runDueEvents()
      visitDueSources(simulation.now)
      if runOne(simulation) { continue }
      if simulation.step(deadline: earliestSourceDeadline) { continue }
      isParked.store(true, ordering: .sequentiallyConsistent)
      // Whoever adds something from now on wakes the loop; what was added before is seen here.
      guard hasSimulatedWork(simulation), isParked.exchange(false, ordering: .sequentiallyConsistent) else { return }
    }
  }

  private func hasSimulatedWork(_ simulation: LoopSimulation) -> Bool {
    jobs.withLock { $0.count > 0 } || dirty.withLock { !$0.isEmpty }
      || simulation.wantsStep(deadline: earliestSourceDeadline)
  }

  /// Runs one job or serves one source; false when nothing is ready.
  private func runOne(_ simulation: LoopSimulation) -> Bool {
    let sourceCount = dirty.withLock { $0.count }
    let jobCount = jobs.withLock { $0.count }
    guard sourceCount + jobCount > 0 else { return false }
    let choice = simulation.choose(sourceCount + jobCount)
    if choice < sourceCount {
      guard let source = dirty.withLock({ $0.pop(at: choice) }) else { return false }
      source.registration.isDirty.store(false, ordering: .sequentiallyConsistent)
      if source.service(now: simulation.now) { visit(source) }
    } else if let job = jobs.withLock({ $0.pop(at: choice - sourceCount) }) {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
    return true
  }

  private func visitDueSources(_ now: UInt64) {
    for case .some(let source) in sources.withLock({ $0.entries })
    where source.registration.deadline.load(ordering: .sequentiallyConsistent) <= now {
      visit(source)
    }
  }

  private var earliestSourceDeadline: UInt64 {
    var earliest = MonotonicTime.never
    for case .some(let source) in sources.withLock({ $0.entries }) {
      earliest = min(earliest, source.registration.deadline.load(ordering: .sequentiallyConsistent))
    }
    return earliest
  }
}

/// Tells code that belongs to no connection in which simulation it runs.
package enum SimulatedTask {
  /// The simulated loop that the current task takes part in; nil outside of tests.
  @TaskLocal package static var loop: EventLoop?

  /// The time by which the current task measures: that of its simulation, or ``MonotonicTime``.
  package static func now() -> UInt64 { loop?.now() ?? MonotonicTime.now() }

  /// Sleeps by that time.
  ///
  /// - Throws: `CancellationError` when the task is cancelled.
  package static func sleep(for duration: Duration) async throws {
    if let loop { try await loop.sleep(for: duration) } else { try await Task.sleep(for: duration) }
  }
}
