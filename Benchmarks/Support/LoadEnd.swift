internal import Synchronization

/// The end of a load that many callers make together: from when on nobody begins a call, and what had been used when the last
/// one was answered. What comes after that, such as the end of thousands of tasks, is the generator's own and does not count.
final class LoadEnd: Sendable {
  private let deadline: UInt64
  private let reached = Atomic(false)
  private let callers: Atomic<Int>
  private let last = Mutex<ProcessUsage?>(nil)

  init(callers: Int, deadline: UInt64) {
    self.callers = Atomic(callers)
    self.deadline = deadline
  }

  /// Whether somebody has seen the deadline pass.
  var isReached: Bool { reached.load(ordering: .relaxed) }

  /// Whether a moment by `MonotonicClock` is behind the deadline; if so, everybody else stops too.
  func isReached(at now: UInt64) -> Bool {
    guard now >= deadline else { return false }
    reached.store(true, ordering: .relaxed)
    return true
  }

  /// Tells that a caller has had its last answer.
  func callerIsDone() {
    guard callers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
    last.withLock { $0 = .current }
  }

  /// What the process had used when the last caller was done; nil before.
  var usage: ProcessUsage? { last.withLock { $0 } }
}
