import Foundation
import TestSupport

/// The memory of this process that is in use, in bytes.
func residentBytes() throws -> Int {
  #if os(Linux)
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw NeverHappened("the system does not say how much memory is in use")
    }
    return pages * Int(getpagesize())
  #else
    var usage = rusage()
    guard getrusage(RUSAGE_SELF, &usage) == 0 else { throw NeverHappened("getrusage failed") }
    return usage.ru_maxrss
  #endif
}
