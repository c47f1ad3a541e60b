internal import Synchronization

/// The times at which calls are due, handed to whichever worker is free.
package final class LoadSchedule: Sendable {
  private struct State {
    var due: [UInt64] = []
    var taken = 0
    var idle: [UnsafeContinuation<UInt64?, Never>] = []
    var isOver = false

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

  /// Releases calls as they become due. Takes as long as they do: not for a thread of the concurrency pool.
  package func pace(calls: UInt64, interval: Double) {
    PreciseSleep.prepareThread()
    let start = MonotonicClock.nanoseconds
    var released: UInt64 = 0
    while released < calls {
      let now = MonotonicClock.nanoseconds
      let reached = min(calls, UInt64(Double(now - start) / interval) + 1)
      while released < reached {
        guard release(start + UInt64(Double(released) * interval)) else { return }
        released += 1
      }
      let next = start + UInt64(Double(released) * interval)
      // Never a busy wait: it would keep a processor from those that are measured.
      if next > now { PreciseSleep.sleep(nanoseconds: next - now) }
    }
    abandon()
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

  private func release(_ due: UInt64) -> Bool {
    let (worker, goesOn) = state.withLock { state in
      if state.isOver { return (UnsafeContinuation<UInt64?, Never>?.none, false) }
      if let worker = state.idle.popLast() { return (worker, true) }
      state.due.append(due)
      return (nil, true)
    }
    worker?.resume(returning: due)
    return goesOn
  }
}
