#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif
internal import CZeroMQ

/// Guards a value by a lock that is held for well under a microsecond at a time.
///
/// Not `Synchronization.Mutex`, for two reasons that were measured: on Linux that one uses priority-inheriting futexes, which
/// hand the lock over through the kernel as soon as two threads meet (a plain `async` caller and the loop's leader do all the
/// time, and a call then cost five times as much); and its closure may not mix the state with what belongs to the caller's
/// task, which is what sending a caller's buffer under the lock is.
package struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // the lock serialises all access to the value
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let value: UnsafeMutablePointer<Value>

  /// Guards a value.
  package init(_ initial: consuming Value) {
    mutex = .allocate(capacity: 1)
    value = .allocate(capacity: 1)
    value.initialize(to: initial)
    #if canImport(Glibc)
      var attributes = pthread_mutexattr_t()
      pthread_mutexattr_init(&attributes)
      // Spins for a moment before it sleeps: the holder is nearly always done by then.
      pthread_mutexattr_settype(&attributes, zrpc_adaptive_mutex)
      pthread_mutex_init(mutex, &attributes)
      pthread_mutexattr_destroy(&attributes)
    #else
      pthread_mutex_init(mutex, nil)
    #endif
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Calls a closure with the value while the lock is held. Do not call out of it, and do not take the lock again inside.
  @inline(__always)
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }
}
