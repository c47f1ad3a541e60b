#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What the current process has used up to a moment. Take two and compare them.
package struct ProcessUsage: Sendable, Equatable {
  /// The moment, by `MonotonicClock`.
  package var time: UInt64
  /// CPU time spent in the program, in nanoseconds.
  package var userNanoseconds: UInt64
  /// CPU time spent in the kernel for the program, in nanoseconds.
  package var systemNanoseconds: UInt64
  /// How often a thread gave up its core, to wait for something.
  package var voluntarySwitches: UInt64
  /// How often a thread's core was taken away.
  package var involuntarySwitches: UInt64
  /// The most memory that was resident at any time, in bytes.
  package var maximumResidentBytes: UInt64

  /// Returns what the current process has used so far.
  package static var current: ProcessUsage {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    #if os(Linux)
      let residentBytes = peakResidentBytes()
    #else
      let residentBytes = UInt64(usage.ru_maxrss)
    #endif
    return ProcessUsage(
      time: MonotonicClock.nanoseconds,
      userNanoseconds: nanoseconds(of: usage.ru_utime),
      systemNanoseconds: nanoseconds(of: usage.ru_stime),
      voluntarySwitches: UInt64(usage.ru_nvcsw),
      involuntarySwitches: UInt64(usage.ru_nivcsw),
      maximumResidentBytes: residentBytes
    )
  }

  private static func nanoseconds(of time: timeval) -> UInt64 {
    UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
  }

  #if os(Linux)
    /// Reads the peak from the kernel. Not `ru_maxrss`: that one starts with what the process was before exec.
    private static func peakResidentBytes() -> UInt64 {
      guard let file = fopen("/proc/self/status", "r") else { return 0 }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), file) != nil {
        let text = line.withUnsafeBufferPointer { buffer in
          String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        guard text.hasPrefix("VmHWM:") else { continue }
        return (UInt64(text.filter(\.isNumber)) ?? 0) * 1024
      }
      return 0
    }
  #endif
}
