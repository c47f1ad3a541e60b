internal import BenchmarkSupport
internal import Foundation

/// Counts heap allocations per call: two runs that differ only in the number of calls differ only in these.
struct AllocationCounter {
  /// What the preloaded library wrote at the end of a process.
  private struct Totals: Decodable {
    var total: UInt64
    var libzmq: UInt64
  }

  private static let calls: (few: UInt64, many: UInt64) = (2_000, 12_000)
  private let library: String
  private let runner: SubjectRunner

  /// Nil if the library is not built.
  init?(layout: Layout, runner: SubjectRunner) {
    library = layout.path(".peers/lib/liballocations.so")
    self.runner = runner
    guard FileManager.default.fileExists(atPath: library) else { return nil }
  }

  /// The allocations of one call with 64 in flight; nil if the subject cannot be counted (Python allocates elsewhere).
  func figures(of subject: Subject) throws -> AllocationFigures? {
    let scenario = Scenario(.pipelined, inFlight: 64)
    guard subject.supports(scenario), subject.name != SubjectName.zeroRPCPython else { return nil }
    let few = try totals(of: subject, in: scenario, calls: Self.calls.few)
    let many = try totals(of: subject, in: scenario, calls: Self.calls.many)
    func perCall(_ side: KeyPath<(load: Totals, server: Totals), UInt64>) -> Double {
      (Double(many[keyPath: side]) - Double(few[keyPath: side])) / Double(Self.calls.many - Self.calls.few)
    }
    let (client, server) = (perCall(\.load.libzmq), perCall(\.server.libzmq))
    return AllocationFigures(
      client: perCall(\.load.total) - client, server: perCall(\.server.total) - server, clientInLibzmq: client,
      serverInLibzmq: server)
  }

  private func totals(
    of subject: Subject, in scenario: Scenario, calls: UInt64
  ) throws -> (load: Totals, server: Totals) {
    func environment(_ file: URL) -> [String: String] {
      ["LD_PRELOAD": library, "ALLOCATIONS_FILE": file.path]
    }
    let load = runner.directory.appendingPathComponent("load.json")
    let server = runner.directory.appendingPathComponent("server.json")
    for file in [load, server] { try? FileManager.default.removeItem(at: file) }
    _ = try runner.run(
      scenario, on: subject, extent: .messages(calls), warmup: 1000, serverEnvironment: environment(server),
      loadEnvironment: environment(load))
    do {
      let decoder = JSONDecoder()
      return (
        try decoder.decode(Totals.self, from: Data(contentsOf: load)),
        try decoder.decode(Totals.self, from: Data(contentsOf: server))
      )
    } catch {
      throw BenchError(.failedRun, "\(subject.name) left no allocation counts: \(error.localizedDescription)")
    }
  }
}
