internal import Synchronization

/// Keeps account of an event loop's threads.
struct Roster: Sendable {
  /// More threads than this are never started; the leader then runs no jobs until one comes back.
  static let limit = 64
  /// Threads kept asleep for the next time that one is needed.
  static let maximumSpares = 4

  var threads = 0
  var hasLeader = false
  var hasWatchdog = false
  var spares: [ThreadGate] = []
  var isStopping = false
}

extension EventLoop {
  private enum Role { case leader, watchdog, none }

  func startIfNeeded() {
    if isRunning.load(ordering: .acquiring) { return }
    let starts = roster.withLock { roster in
      guard roster.threads == 0 else { return false }
      roster.threads = 2
      roster.hasLeader = true
      roster.hasWatchdog = true
      roster.isStopping = false
      isRunning.store(true, ordering: .sequentiallyConsistent)
      return true
    }
    guard starts else { return }
    startThread(named: "zrpc-loop") { self.run(as: .leader) }
    startThread(named: "zrpc-loop") { self.run(as: .watchdog) }
  }

  private func run(as first: Role) {
    shortenSlice()
    var role = first
    let gate = ThreadGate()
    while true {
      switch role {
      case .leader:
        if lead() {
          role = standBy(gate)
        } else {
          roster.withLock { $0.hasLeader = false }
          // It leaves too, or leads if something came in meanwhile.
          watchdogGate.open()
          role = .none
        }
      case .watchdog:
        role = watch() ? .leader : .none
      case .none:
        leave()
        return
      }
    }
  }

  /// Finds work for a thread that lost its leadership: watchdog if there is none, else spare.
  private func standBy(_ gate: ThreadGate) -> Role {
    let role: Role? = roster.withLock { roster in
      if !roster.hasWatchdog {
        roster.hasWatchdog = true
        return .watchdog
      }
      guard roster.spares.count < Roster.maximumSpares, !roster.isStopping else { return Role.none }
      roster.spares.append(gate)
      return nil
    }
    if let role {
      if role == .watchdog {
        isGuarded.store(true, ordering: .sequentiallyConsistent)
        wake()
      }
      return role
    }
    gate.wait()
    return roster.withLock { $0.isStopping } ? .none : .watchdog
  }

  private func leave() {
    let (isLast, gates) = roster.withLock { roster in
      roster.threads -= 1
      let gates = roster.isStopping ? roster.spares : []
      if roster.isStopping { roster.spares = [] }
      if roster.threads == 0 {
        roster.hasWatchdog = false
        isRunning.store(false, ordering: .sequentiallyConsistent)
      }
      return (roster.threads == 0, gates)
    }
    for gate in gates { gate.open() }
    // A job may have been queued after the leader looked for the last time.
    if isLast, jobs.withLock({ $0.count }) > 0 || sources.withLock({ $0.count }) > 0 { startIfNeeded() }
  }

  // MARK: The watchdog

  /// Watches until it has to take over (true) or the loop stops (false).
  private func watch() -> Bool {
    let idleTicksBeforeSleep = 50
    // Serving a source takes microseconds, unless the system has suspended the leader meanwhile. Then another one could only
    // wait for the source's lock.
    let ticksForSource = 20
    var last = ticket.load(ordering: .acquiring)
    var idleTicks = 0
    var busyTicks = 0
    while true {
      let (isStopping, hasLeader, isAlone) = roster.withLock { ($0.isStopping, $0.hasLeader, $0.threads == 1) }
      if isStopping, !hasLeader {
        // A thread that is still busy with a job needs somebody here when it comes back.
        if isAlone, hasNothingToDo { return false }
      }
      if isStopping, !hasLeader, !hasNothingToDo {
        roster.withLock { $0.hasLeader = true }
        appointWatchdog()
        return true
      }
      sleepThread(nanoseconds: 1_000_000)
      if hasLazyVisits.load(ordering: .relaxed) {
        hasLazyVisits.store(false, ordering: .sequentiallyConsistent)
        if isParked.load(ordering: .sequentiallyConsistent) { wake() }
      }
      let current = ticket.load(ordering: .acquiring)
      if current != last {
        last = current
        idleTicks = 0
        busyTicks = 0
      } else if current & 1 == 1 {
        busyTicks += 1
        if busyTicks < ticksForSource, servesSource.load(ordering: .relaxed) { continue }
        if takeOver(from: current) { return true }
      } else {
        idleTicks += 1
        if idleTicks > idleTicksBeforeSleep {
          idleTicks = 0
          watchdogSleeps.store(true, ordering: .sequentiallyConsistent)
          if ticket.load(ordering: .sequentiallyConsistent) == last,
            !hasLazyVisits.load(ordering: .sequentiallyConsistent)
          {
            watchdogGate.wait()
          }
          watchdogSleeps.store(false, ordering: .sequentiallyConsistent)
        }
      }
    }
  }

  /// Becomes the leader in place of one whose work has not ended since `observed`, and appoints the next watchdog.
  private func takeOver(from observed: UInt64) -> Bool {
    let epoch = (observed >> 32) &+ 1
    let (exchanged, _) = ticket.compareExchange(
      expected: observed, desired: epoch << 32, ordering: .sequentiallyConsistent)
    guard exchanged else { return false }
    appointWatchdog()
    return true
  }

  /// Has a spare or a new thread watch, in place of this one, which is going to lead.
  private func appointWatchdog() {
    enum Successor { case spare(ThreadGate), newThread, none }
    let successor: Successor = roster.withLock { roster in
      if let gate = roster.spares.popLast() { return .spare(gate) }
      if roster.threads < Roster.limit {
        roster.threads += 1
        return .newThread
      }
      roster.hasWatchdog = false
      isGuarded.store(false, ordering: .sequentiallyConsistent)
      return .none
    }
    switch successor {
    case .spare(let gate): gate.open()
    case .newThread: startThread(named: "zrpc-loop") { self.run(as: .watchdog) }
    case .none: break
    }
  }

  var hasNothingToDo: Bool {
    jobs.withLock { $0.count } == 0 && sources.withLock { $0.count } == 0
  }
}
