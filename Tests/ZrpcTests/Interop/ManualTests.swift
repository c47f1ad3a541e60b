import Foundation
import TestSupport
import Testing

extension ZrpcInterop {
  /// The manual page is made of what `zrpc --help` says.
  @Suite struct ManualTests {
    @Test func isUpToDate() async throws {
      let script = Program.root.appending(path: "scripts/manual").path
      let run = try ToolRun([
        try PythonService.interpreter, script, "--check", "--program", try Program.built("zrpc").path,
      ])
      #expect(try await run.status() == 0, "\(run.errors)")
    }

    /// Every exit code that is documented is in the help, in the page and in the documentation.
    @Test func exitCodesAreDocumented() async throws {
      let help = try await zrpc("--help").output
      let page = try text("Documentation/zrpc.1")
      let documentation = try text("Documentation/CommandLine.md")
      for code in ["0", "1", "2", "64", "74", "130"] {
        #expect(help.contains("\n  \(code) "), "\(code) in \(help)")
        #expect(page.contains(".B \(code)\n"), "\(code) in the page")
        #expect(documentation.contains("| \(code) |"), "\(code) in CommandLine.md")
      }
    }

    private func text(_ path: String) throws -> String {
      try String(decoding: Data(contentsOf: Program.root.appending(path: path)), as: UTF8.self)
    }
  }
}
