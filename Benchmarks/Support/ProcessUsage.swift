#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What the current process has used up to a moment. Take two and compare them.
public struct ProcessUsage: Sendable, Equatable {
  /// The moment, by `MonotonicClock`.
  public var time: UInt64
  /// CPU time spent in the program, in nanoseconds.
  public var userNanoseconds: UInt64
  /// CPU time spent in the kernel for the program, in nanoseconds.
  public var systemNanoseconds: UInt64
  /// How often a thread gave up its core, to wait for something.
  public var voluntarySwitches: UInt64
  /// How often a thread's core was taken away.
  public var involuntarySwitches: UInt64
  /// The most memory that was resident at any time, in bytes.
  public var maximumResidentBytes: UInt64

  /// Returns what the current process has used so far.
  public static var current: ProcessUsage {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(RUSAGE_SELF, &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    #if os(Linux)
      let residentUnit: UInt64 = 1024
    #else
      let residentUnit: UInt64 = 1
    #endif
    return ProcessUsage(
      time: MonotonicClock.nanoseconds,
      userNanoseconds: nanoseconds(of: usage.ru_utime),
      systemNanoseconds: nanoseconds(of: usage.ru_stime),
      voluntarySwitches: UInt64(usage.ru_nvcsw),
      involuntarySwitches: UInt64(usage.ru_nivcsw),
      maximumResidentBytes: UInt64(usage.ru_maxrss) * residentUnit
    )
  }

  private static func nanoseconds(of time: timeval) -> UInt64 {
    UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
  }
}
