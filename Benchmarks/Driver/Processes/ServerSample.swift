internal import BenchmarkSupport
internal import Foundation

/// What a running process has used so far, seen from outside. Linux only: elsewhere there is none.
struct ServerSample {
  private var time: UInt64
  private var cpuNanoseconds: UInt64
  private var switches: UInt64
  private var residentBytes: UInt64

  /// Reads the figures of all threads; nil if the system does not tell.
  init?(of identifier: Int32) {
    let directory = "/proc/\(identifier)"
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/task") else { return nil }
    time = MonotonicClock.nanoseconds
    cpuNanoseconds = 0
    switches = 0
    for thread in threads {
      let path = "\(directory)/task/\(thread)"
      // "<ns on a core> <ns waiting for one> <time slices>"
      let schedule = Self.contents(of: "\(path)/schedstat").split(separator: " ")
      cpuNanoseconds += schedule.first.flatMap { UInt64($0) } ?? 0
      let status = Self.contents(of: "\(path)/status")
      switches += Self.number("voluntary_ctxt_switches", in: status) ?? 0
      switches += Self.number("nonvoluntary_ctxt_switches", in: status) ?? 0
    }
    residentBytes = (Self.number("VmHWM", in: Self.contents(of: "\(directory)/status")) ?? 0) * 1024
  }

  /// What was used since an earlier sample.
  func usage(since earlier: ServerSample, messages: UInt64) -> ServerUsage {
    ServerUsage(
      cpuNanoseconds: cpuNanoseconds &- earlier.cpuNanoseconds, switches: switches &- earlier.switches,
      residentBytes: residentBytes, messages: messages, elapsedNanoseconds: time - earlier.time)
  }

  private static func contents(of path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }

  private static func number(_ key: String, in status: String) -> UInt64? {
    for line in status.split(separator: "\n") where line.hasPrefix(key + ":") {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { UInt64($0) }
    }
    return nil
  }
}
