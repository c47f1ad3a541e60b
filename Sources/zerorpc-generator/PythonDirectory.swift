internal import Foundation
internal import ZeroRPCCodeGen

/// Writes the Python clients of services into a directory, each a module and its stub.
struct PythonDirectory {
  let path: String

  /// Writes the clients, or only checks that they are up to date.
  ///
  /// - Returns: Whether nothing is wrong. What is wrong has been reported.
  func write(_ contracts: [DeclaredContract], isCheck: Bool) throws -> Bool {
    var isFresh = true
    if !isCheck { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    for declared in contracts {
      let module = PythonModule(contract: declared.contract)
      for (ending, text) in [("py", module.source), ("pyi", module.stub)] {
        let file = "\(path)/\(module.name).\(ending)"
        guard isCheck else {
          try GeneratorCommand.write(text, to: file)
          continue
        }
        let committed = FileManager.default.contents(atPath: file)
        if committed == Data(text.utf8) { continue }
        isFresh = false
        let problem = committed == nil ? "the Python client is missing" : "the Python client is not up to date"
        let position = SourcePosition(file: file, line: 1, column: 1)
        let hint = "generate it again as it was, without --check, and commit the result"
        GeneratorCommand.report("\(Diagnostic(problem, at: position, hint: hint))")
      }
    }
    return isFresh
  }
}
