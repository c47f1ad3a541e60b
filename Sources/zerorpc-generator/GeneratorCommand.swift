internal import Foundation
internal import ZeroRPCCodeGen

/// Runs the tool: reads sources, reports what is wrong with them, writes the generated file.
@main
struct GeneratorCommand {
  static func main() {
    do {
      let arguments = try Arguments(Array(CommandLine.arguments.dropFirst()))
      try GeneratorCommand(arguments: arguments).run()
    } catch let error as ExitError {
      exit(error.code)
    } catch {
      report("\(error)")
      exit(2)
    }
  }

  let arguments: Arguments

  func run() throws {
    var diagnostics: [Diagnostic] = []
    var configuration = GeneratorConfiguration()
    if let path = arguments.configuration {
      (configuration, diagnostics) = GeneratorConfiguration.read(try text(of: path), path: path)
    }
    let files = try arguments.sources.map { SourceFileParser.parse(try text(of: $0), path: $0) }
    let (model, problems) = TargetResolver(files: files, configuration: configuration).resolve()
    diagnostics += problems
    for diagnostic in diagnostics { Self.report("\(diagnostic)") }
    if diagnostics.contains(where: { $0.severity == .error }) { throw ExitError(code: 1) }
    try finish(model)
  }

  private func finish(_ model: TargetModel) throws {
    switch arguments.mode {
    case .dumpModel:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try write(String(decoding: encoder.encode(model), as: UTF8.self) + "\n")
    case .write: try write(FileRenderer(target: model).render())
    case .check:
      guard let output = arguments.output else { return }
      let committed = FileManager.default.contents(atPath: output) ?? Data()
      if committed == Data(FileRenderer(target: model).render().utf8) { return }
      Self.report("\(output):1:1: error: the generated code is not up to date")
      Self.report("\(output):1:1: note: hint: run `swift package generate-zerorpc-code` and commit the result")
      throw ExitError(code: 1)
    }
  }

  private func text(of path: String) throws -> String {
    try String(decoding: Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func write(_ text: String) throws {
    guard let output = arguments.output else { return print(text, terminator: "") }
    try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
  }

  private static func report(_ message: String) {
    FileHandle.standardError.write(Data("\(message)\n".utf8))
  }
}

/// Ends the tool after it has reported what is wrong.
struct ExitError: Error {
  let code: Int32
}
