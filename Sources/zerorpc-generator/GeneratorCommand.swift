internal import Foundation
internal import ZeroRPCCodeGen

/// Runs the tool: reads sources, reports what is wrong with them, writes the generated file.
@main
struct GeneratorCommand {
  static func main() {
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      let succeeded = try GeneratorCommand(arguments: arguments).run()
      exit(succeeded ? 0 : 1)
    } catch {
      report("\(error)")
      exit(2)
    }
  }

  let arguments: Arguments

  /// Does what the arguments ask for.
  ///
  /// - Returns: Whether nothing is wrong. What is wrong has been reported.
  private func run() throws -> Bool {
    var diagnostics: [Diagnostic] = []
    var configuration = GeneratorConfiguration()
    if let path = arguments.configuration {
      let text = String(decoding: try SourceSelection.contents(of: path), as: UTF8.self)
      (configuration, diagnostics) = GeneratorConfiguration.read(text, path: path)
    }
    let files = try SourceSelection.parse(arguments.sources)
    let (model, problems) = TargetResolver(files: files, configuration: configuration).resolve()
    diagnostics += problems
    for diagnostic in diagnostics { Self.report("\(diagnostic)") }
    if diagnostics.contains(where: { $0.severity == .error }) { return false }
    return try finish(model)
  }

  private func finish(_ model: TargetModel) throws -> Bool {
    switch arguments.mode {
    case .dumpModel:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try write(String(decoding: encoder.encode(model), as: UTF8.self) + "\n")
    case .write: try write(FileRenderer(target: model).render())
    case .check: return check(FileRenderer(target: model).render())
    }
    return true
  }

  private func write(_ text: String) throws {
    guard let output = arguments.output else { return print(text, terminator: "") }
    let contents = Data(text.utf8)
    // An untouched file keeps the build from compiling what has not changed.
    if FileManager.default.contents(atPath: output) == contents { return }
    try contents.write(to: URL(fileURLWithPath: output), options: .atomic)
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

  private static func report(_ message: String) {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }
}
