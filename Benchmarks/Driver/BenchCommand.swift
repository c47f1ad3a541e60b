internal import ArgumentParser
internal import BenchmarkSupport
internal import Foundation

/// Measures RPC calls beside the bare libzmq sockets that carry them, and beside the frameworks one would pick instead.
@main
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zerorpc-bench",
    abstract: "Measures swift-zerorpc, the libzmq floor and other RPC frameworks, and judges the project's targets.",
    discussion: """
      Without options it measures everything, in up to ten minutes. An option for message size, in flight, connections, \
      transport or mode replaces this plan: each combination of the given values is then one scenario.
      """)

  @Flag(help: "Measure the most important points only, within one minute.")
  var quick = false

  @OptionGroup(title: "Scenarios")
  var scenarios: ScenarioOptions

  @Option(parsing: .upToNextOption, help: "Measure only these subjects. --list names them.")
  var subjects: [String] = []

  @Option(help: ArgumentHelp("Measure each run for this many seconds.", valueName: "s"))
  var seconds: Double?

  @Option(help: ArgumentHelp("Measure this many messages in each run, instead of a time.", valueName: "n"))
  var messageCount: UInt64?

  @Option(help: ArgumentHelp("Take the median of this many rounds.", valueName: "n"))
  var rounds: Int?

  @Option(help: ArgumentHelp("Write results.json and the charts here.", valueName: "directory"))
  var output = ".build/benchmark"

  @Flag(name: .customLong("no-allocations"), help: "Do not count allocations.")
  var skipsAllocations = false

  @Flag(help: "Name the subjects, and how to get those that are not present.")
  var list = false

  @Option(
    help: ArgumentHelp("The root of the repository, if this program was moved out of it.", valueName: "directory"))
  var root: String?

  func validate() throws {
    if let seconds, !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("--seconds is \(seconds), but must be above 0 and at most 3600")
    }
    if let messageCount, messageCount == 0 { throw ValidationError("--message-count is 0, but must be at least 1") }
    if seconds != nil && messageCount != nil {
      throw ValidationError("--seconds and --message-count exclude each other: each ends a run")
    }
    if let rounds, !(1...99).contains(rounds) {
      throw ValidationError("--rounds is \(rounds), but must be from 1 to 99")
    }
    let known = SubjectCatalogue(layout: Layout(root: root)).all.map(\.name)
    for subject in subjects where !known.contains(subject) {
      throw ValidationError("--subjects names '\(subject)', but there are only: \(known.joined(separator: ", "))")
    }
  }

  func run() throws {
    let layout = Layout(root: root)
    let catalogue = SubjectCatalogue(layout: layout)
    if list { return printList(catalogue) }
    let chosen = catalogue.present.filter { subjects.isEmpty || subjects.contains($0.name) }
    let absent = catalogue.absent.filter { subjects.isEmpty || subjects.contains($0.name) }
    guard !chosen.isEmpty else {
      throw CleanExit.message(TextReport(session: emptySession, absent: absent).missing ?? "nothing to measure")
    }
    Interruption.watch()
    let supervisor = Supervisor()
    defer { supervisor.killAll() }
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("zerorpc-bench-\(getpid())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    var session = Session(
      plan: plan, subjects: chosen, runner: SubjectRunner(supervisor: supervisor, directory: directory),
      progress: Self.say)
    do {
      try session.run()
      if session.plan.countsAllocations { try countAllocations(in: &session, layout: layout) }
    } catch let error as BenchError {
      Self.say("zerorpc-bench: \(error)")
      throw ExitCode(130)
    }
    try report(session, absent: absent)
    if !session.failures.isEmpty { throw ExitCode.failure }
  }

  private var emptySession: Session {
    Session(
      plan: plan, subjects: [],
      runner: SubjectRunner(supervisor: Supervisor(), directory: FileManager.default.temporaryDirectory)
    ) { _ in }
  }

  private var plan: Plan {
    var plan = scenarios.plan(quick: quick) ?? .standard(quick: quick)
    if skipsAllocations { plan.countsAllocations = false }
    for index in plan.steps.indices {
      if let rounds { plan.steps[index].rounds = rounds }
      if let seconds { plan.steps[index].extent = .seconds(seconds) }
      // An idle run has nothing to count.
      if let messageCount, !plan.steps[index].scenarios.contains(where: { $0.mode == .idle }) {
        plan.steps[index].extent = .messages(messageCount)
      }
    }
    return plan
  }

  private func countAllocations(in session: inout Session, layout: Layout) throws {
    guard let counter = AllocationCounter(layout: layout, runner: session.runner) else {
      return Self.say("allocations are not counted: to count them, make -C Benchmarks/Allocations (Linux only)")
    }
    Self.say("allocations")
    for subject in session.subjects {
      do {
        if let figures = try counter.figures(of: subject) { session.record(figures, of: subject.name) }
      } catch let error as BenchError where error.kind == .failedRun {
        session.record(failure: "allocations: \(error)")
      }
    }
  }

  private func report(_ session: Session, absent: [Subject]) throws {
    let text = TextReport(session: session, absent: absent)
    print(text.figures)
    if let allocations = text.allocations { print("\n\(allocations)") }
    print("\n\(text.verdicts)")
    if let missing = text.missing { print("\n\(missing)") }
    if !session.failures.isEmpty {
      print("\nfailed runs:")
      for failure in session.failures { print("- \(failure)") }
    }
    let directory = URL(fileURLWithPath: output)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try JSONReport(session: session, absent: absent).write(to: directory.appendingPathComponent("results.json"))
    for chart in Chart.all(of: session) {
      try chart.svg.write(
        to: directory.appendingPathComponent("\(chart.name).svg"), atomically: true, encoding: .utf8)
    }
    print("\nresults.json and charts: \(directory.path)")
  }

  private func printList(_ catalogue: SubjectCatalogue) {
    let absent = Set(catalogue.absent.map(\.name))
    for subject in catalogue.all {
      let state = absent.contains(subject.name) ? "not present. To get it: \(subject.installation)" : "present"
      print("\(subject.name): \(state)")
    }
  }

  private static func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
