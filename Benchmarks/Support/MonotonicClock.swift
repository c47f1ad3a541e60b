#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Reads a clock that never jumps.
///
/// `ContinuousClock` would do, but costs a few times more per read, and an echo is measured in microseconds.
package enum MonotonicClock {
  /// Returns the nanoseconds since some fixed moment.
  package static var nanoseconds: UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
  }
}
