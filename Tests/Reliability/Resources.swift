internal import Foundation

/// Holds what a process has taken from the system.
struct Resources: Sendable {
  var residentKilobytes = 0
  var descriptors = 0
  var threads = 0

  /// What this process has now; zeros where there is no `/proc`.
  static var now: Resources {
    var resources = Resources()
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in status.split(separator: "\n") {
      let number = Int(line.filter(\.isNumber)) ?? 0
      if line.hasPrefix("VmRSS:") { resources.residentKilobytes = number }
      if line.hasPrefix("Threads:") { resources.threads = number }
    }
    resources.descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    return resources
  }
}

/// The change per unit of a series: the slope of the line that fits it best.
func slope(_ points: [(x: Double, y: Double)]) -> Double {
  guard points.count > 1 else { return 0 }
  let count = Double(points.count)
  let meanX = points.reduce(0) { $0 + $1.x } / count
  let meanY = points.reduce(0) { $0 + $1.y } / count
  let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
  guard spread > 0 else { return 0 }
  return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
}
