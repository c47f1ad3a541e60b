internal import BenchmarkSupport
internal import Foundation

extension SubjectRunner {
  /// When the machine stops two threads, on a processor each, that do nothing but look at the clock. Throws `BenchError`.
  func stalls(by floor: Subject, seconds: Double) throws -> Stalls {
    let child = try supervisor.start(
      "\(floor.name) stalls", floor.command + ["stalls", "--seconds", String(seconds)],
      environment: Self.environment([:]))
    defer { supervisor.stop(child, patience: 0) }
    guard case .exited(0) = try supervisor.ending(of: child, within: seconds + patience) else {
      let ending = child.ending.map { "\($0)" } ?? "hung"
      throw BenchError(.failedRun, "\(child.name) failed (\(ending)):\n\(child.lastErrors)")
    }
    do {
      return try JSONDecoder().decode(Stalls.self, from: Data((child.output.lines.last ?? "").utf8))
    } catch {
      throw BenchError(.failedRun, "\(child.name) printed stalls that cannot be read: \(error)")
    }
  }
}
