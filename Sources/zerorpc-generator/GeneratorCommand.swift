internal import Foundation
internal import ZeroRPCCodeGen

/// Runs the tool: reads sources, reports what is wrong with them, writes the generated file.
@main
struct GeneratorCommand {
  static func main() {
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      exit(try GeneratorCommand(arguments: arguments).run().rawValue)
    } catch {
      report("\(error)")
      exit(ExitStatus.unusable.rawValue)
    }
  }

  /// What the tool tells whoever has started it.
  enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    case unusable = 2
    case breakingChange = 3
    case unrecordedChange = 4
  }

  let arguments: Arguments

  /// Does what the arguments ask for.
  ///
  /// - Returns: What is wrong, if anything. It has been reported.
  private func run() throws -> ExitStatus {
    var diagnostics: [Diagnostic] = []
    var configuration = GeneratorConfiguration()
    if let path = arguments.configuration {
      let text = String(decoding: try SourceSelection.contents(of: path), as: UTF8.self)
      (configuration, diagnostics) = GeneratorConfiguration.read(text, path: path)
    }
    let contracts = arguments.sources.filter { $0.hasSuffix(".json") }
    let sources = arguments.sources.filter { !$0.hasSuffix(".json") }
    let files = try SourceSelection.parse(sources, includingTypes: needsTypes)
    let (model, problems) = TargetResolver(files: files, configuration: configuration).resolve()
    diagnostics += problems
    for diagnostic in diagnostics { Self.report("\(diagnostic)") }
    if diagnostics.contains(where: { $0.severity == .error }) { return .failure }
    let builder = ContractBuilder(files: files)
    let declared = try contracts.map { try ContractDirectory.read($0) } + model.services.map(builder.contract)
    return try finish(model, declared)
  }

  /// Whether the types of the target matter, and with them all its files.
  private var needsTypes: Bool {
    switch arguments.mode {
    case .write, .check, .dumpModel: false
    case .recordContracts, .checkContracts, .python: true
    }
  }

  private func finish(_ model: TargetModel, _ contracts: [DeclaredContract]) throws -> ExitStatus {
    switch arguments.mode {
    case .dumpModel:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try write(String(decoding: encoder.encode(model), as: UTF8.self) + "\n")
    case .write: try write(FileRenderer(target: model).render())
    case .check: return check(FileRenderer(target: model).render()) ? .success : .failure
    case .recordContracts(let directory): try ContractDirectory(path: directory).record(contracts)
    case .checkContracts(let directory, let isStrict):
      return try ContractDirectory(path: directory).check(contracts, isStrict: isStrict)
    case .python(let directory, let isCheck):
      return try PythonDirectory(path: directory).write(contracts, isCheck: isCheck) ? .success : .failure
    }
    return .success
  }

  private func write(_ text: String) throws {
    guard let output = arguments.output else { return print(text, terminator: "") }
    try Self.write(text, to: output)
  }

  /// Writes a file, unless it says so already: an untouched file keeps the build from compiling what has not changed.
  static func write(_ text: String, to path: String) throws {
    let contents = Data(text.utf8)
    if FileManager.default.contents(atPath: path) == contents { return }
    try contents.write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// Compares the output file with what it should be.
  private func check(_ text: String) -> Bool {
    guard let output = arguments.output else { return true }
    let committed = FileManager.default.contents(atPath: output)
    if committed == Data(text.utf8) { return true }
    let problem = committed == nil ? "the generated code is missing" : "the generated code is not up to date"
    let command = "swift package --allow-writing-to-package-directory generate-zerorpc-code"
    let position = SourcePosition(file: output, line: 1, column: 1)
    Self.report("\(Diagnostic(problem, at: position, hint: "run `\(command)` and commit the result"))")
    return false
  }

  static func report(_ message: String) {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }
}
