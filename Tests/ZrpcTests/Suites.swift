import Foundation
import TestSupport
import Testing

/// Holds the suites that run `zrpc` as a process: one at a time, so that they do not starve each other.
@Suite(.serialized, .timeLimit(.minutes(2))) enum ZrpcIntegration {}

/// Holds those that need Python.
@Suite(
  .serialized, .timeLimit(.minutes(2)),
  .enabled(if: PythonPeer.interpreter != nil, Comment(rawValue: PythonPeer.reason)))
enum ZrpcInterop {}

/// A service of Python, as a process: `Peers/service.py`.
struct PythonService {
  let run: ToolRun
  let endpoint: String

  init(_ options: String...) async throws {
    run = try ToolRun([try PythonService.interpreter, "-u", PythonService.script("service.py")] + options)
    endpoint = try await run.line(after: "listening at ")
  }

  static var interpreter: String {
    get throws {
      guard let interpreter = PythonPeer.interpreter else { throw NeverHappened(PythonPeer.reason) }
      return interpreter
    }
  }

  static func script(_ name: String) -> String {
    Program.root.appending(path: "Tests/ZrpcTests/Peers/\(name)").path
  }
}

/// Runs `zrpc` to its end.
func zrpc(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
  let run = try ToolRun.zrpc(arguments)
  return (try await run.status(), run.output, run.errors)
}
