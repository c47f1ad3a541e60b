internal import BenchmarkSupport

/// A program that is measured. All speak the protocol of Benchmarks/README.md.
struct Subject {
  /// How it is called on the command line, in tables and in the JSON report.
  var name: String
  /// The program and what stands before the role.
  var command: [String]
  /// The program of the server, if it is another one: how two implementations do together.
  var serverCommand: [String]?
  /// What to pass to the load role besides the protocol's options.
  var loadArguments: [String] = []
  /// What it can be asked for.
  var modes: Set<LoadMode>
  var transports: Set<Transport>
  /// The longest warm-up that is worth its time at this subject's speed.
  var warmup: Int = 2000
  /// Whether a scenario list for peers (a few points) is enough.
  var isPeer = true
  /// Where it is looked for: it counts as present if all of these exist.
  var files: [String]
  /// How to get it.
  var installation: String

  /// Whether it can run a scenario.
  func supports(_ scenario: Scenario) -> Bool {
    modes.contains(scenario.mode) && transports.contains(scenario.transport)
  }
}
