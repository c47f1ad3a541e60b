internal import Synchronization

/// The times at which calls are due, handed to whichever worker is free.
package final class LoadSchedule: Sendable {
  private struct State {
    var due: [UInt64] = []
    var taken = 0
    var idle: [UnsafeContinuation<UInt64?, Never>] = []
    var isOver = false
    // What is still to come.
    var start: UInt64 = 0
    var interval = 0.0
    var released: UInt64 = 0
    var calls: UInt64 = 0

    /// When the next call is due.
    var next: UInt64 { start + UInt64(Double(released) * interval) }

    mutating func take() -> UInt64? {
      guard taken < due.count else { return nil }
      defer { taken += 1 }
      if taken > 4096 {
        due.removeFirst(taken)
        taken = 0
      }
      return due[taken]
    }
  }

  private let state = Mutex(State())

  /// Makes a schedule on which nothing is due yet.
  package init() {}

  /// Returns when the next call is due and its time has come; nil after the last one.
  package func next() async -> UInt64? {
    await withUnsafeContinuation { continuation in
      let answer: UInt64?? = state.withLock { state in
        if let due = state.take() { return due }
        if state.isOver { return .some(nil) }
        state.idle.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Plans calls from now on, an interval in nanoseconds apart. Returns when the first one is due.
  @discardableResult
  package func begin(calls: UInt64, interval: Double) -> UInt64 {
    state.withLock { state in
      (state.start, state.interval, state.calls) = (MonotonicClock.nanoseconds, interval, calls)
      return state.start
    }
  }

  /// Hands out the calls that are due by now. Returns when the next one is; nil after the last one.
  package func releaseDue() -> UInt64? {
    var workers: [(continuation: UnsafeContinuation<UInt64?, Never>, due: UInt64)] = []
    let next: UInt64? = state.withLock { state in
      if state.isOver { return nil }
      let now = MonotonicClock.nanoseconds
      while state.released < state.calls, state.next <= now {
        if let worker = state.idle.popLast() {
          workers.append((worker, state.next))
        } else {
          state.due.append(state.next)
        }
        state.released += 1
      }
      return state.released < state.calls ? state.next : nil
    }
    for worker in workers { worker.continuation.resume(returning: worker.due) }
    if next == nil { abandon() }
    return next
  }

  /// Hands out calls as they become due. Takes as long as they do: not for a thread of the concurrency pool.
  package func pace() {
    PreciseSleep.prepareThread()
    while let next = releaseDue() {
      let now = MonotonicClock.nanoseconds
      // Never a busy wait: it would keep a processor from those that are measured.
      if next > now { PreciseSleep.sleep(nanoseconds: next - now) }
    }
  }

  /// Lets the workers end once nothing is due any more.
  package func abandon() {
    let idle = state.withLock { state in
      state.isOver = true
      defer { state.idle = [] }
      return state.idle
    }
    for worker in idle { worker.resume(returning: nil) }
  }
}
