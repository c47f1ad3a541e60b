internal import Foundation

/// Sleeps to the microsecond, as the floor's open loop does.
enum PreciseSleep {
  /// Has the system wake this thread in time: by default Linux is 50 µs late, to save wakes (prctl(2), PR_SET_TIMERSLACK).
  static func prepareThread() {
    #if os(Linux)
      // prctl itself takes variable arguments, and cannot be called from Swift. The link reads "PID/task/THREAD".
      guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self"),
        let thread = path.split(separator: "/").last, let file = fopen("/proc/\(thread)/timerslack_ns", "w")
      else { return }
      fputs("1000", file)
      fclose(file)
    #endif
  }

  static func sleep(nanoseconds: UInt64) {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    nanosleep(&time, nil)
  }
}
