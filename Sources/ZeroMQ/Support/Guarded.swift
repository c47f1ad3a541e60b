internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Guards a value by a lock that is held for microseconds at most.
///
/// Not `Synchronization.Mutex`, for two reasons that were measured: on Linux that one uses priority-inheriting futexes, which
/// hand the lock over through the kernel as soon as two threads meet (a plain `async` caller and the loop's leader do all the
/// time, and a call then cost five times as much); and its closure may not mix the state with what belongs to the caller's
/// task, which is what sending a caller's buffer under the lock is. Nor a pthread mutex: a call takes four of these locks, and
/// an uncontended one costs four times as much that way.
///
/// Whoever meets a holder spins for a moment, then lets the processor go to it.
package struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // the lock serialises every access
  private let isHeld = Atomic<Bool>(false)
  private let value: UnsafeMutablePointer<Value>

  /// Guards a value.
  package init(_ initial: consuming Value) {
    value = .allocate(capacity: 1)
    value.initialize(to: initial)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
  }

  /// Calls a closure with the value while the lock is held. Do not call out of it, and do not take the lock again inside.
  @inline(__always)
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if isHeld.exchange(true, ordering: .acquiring) { waitForHolder() }
    defer { isHeld.store(false, ordering: .releasing) }
    return try body(&value.pointee)
  }

  /// Calls a closure with the value if nobody holds the lock; returns nil without calling it if somebody does.
  @inline(__always)
  package func withLockIfAvailable<Result>(_ body: (inout Value) -> Result) -> Result? {
    if isHeld.load(ordering: .relaxed) || isHeld.exchange(true, ordering: .acquiring) { return nil }
    defer { isHeld.store(false, ordering: .releasing) }
    return body(&value.pointee)
  }

  @inline(never)
  private func waitForHolder() {
    var attempts = 0
    while true {
      // Looking costs the holder less than trying to take it.
      if !isHeld.load(ordering: .relaxed), !isHeld.exchange(true, ordering: .acquiring) { return }
      attempts += 1
      if attempts < 200 { continue }
      if attempts < 1_000 {
        sched_yield()
      } else {
        // The holder was suspended by the system.
        sleepThread(nanoseconds: 50_000)
      }
    }
  }
}
