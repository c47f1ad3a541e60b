import Foundation
import TestSupport
import Testing

extension PythonInterop {
  /// The programs of zerorpc-crosstests in Swift and in Python, run against each other as that suite runs them: both are
  /// started at once with an endpoint, and both must end with status 0.
  @Suite(.about(.crossTests)) struct CrossTests {
    enum Language: String, CaseIterable, Sendable {
      case swift = "Swift"
      case python = "Python"

      func command(_ role: String) throws -> [String] {
        switch self {
        case .swift: [try Program.built("crosstest-\(role)").path]
        case .python: try Program.python("cross_\(role).py")
        }
      }
    }

    @Test(arguments: Language.allCases, Language.allCases)
    func pair(_ client: Language, _ server: Language) async throws {
      let path = FileManager.default.temporaryDirectory.appending(path: "zerorpc-\(UUID().uuidString.prefix(8)).sock")
        .path
      defer { try? FileManager.default.removeItem(atPath: path) }
      let serving = try Program(try server.command("server") + ["ipc://\(path)"])
      let calling = try Program(try client.command("client") + ["ipc://\(path)"])
      let status = (client: try await calling.status(), server: try await serving.status())
      let said = calling.output.contains("All tests passed.") ? "all passed" : calling.output
      row(
        "client of \(client.rawValue), server of \(server.rawValue)", expected: "0, 0, all passed",
        seen: "\(status.client), \(status.server), \(said)",
        role: client == server ? .both : client == .swift ? .client : .server,
        peer: client == .swift && server == .swift ? .swift : .python)
      if status != (0, 0) { Issue.record("client:\n\(calling.output)\nserver:\n\(serving.output)") }
    }

    /// Wrong command lines say how to do it.
    @Test(.swift(.both, with: .swift), arguments: ["client", "server"])
    func usage(_ role: String) async throws {
      let program = try Program(try Language.swift.command(role))
      let status = try await program.status()
      row(
        "\(role) without an endpoint", expected: "64 usage: crosstest-\(role) ENDPOINT",
        seen: "\(status) \(program.output.trimmingCharacters(in: .newlines))")
    }

    /// What the suite's `setup` is to leave behind exists and is executable.
    @Test(.swift(.both, with: .swift)) func setup() async throws {
      let setup = Program.root.appending(path: "Tests/CrossTests/setup").path
      let program = try Program([setup])
      row("setup without its arguments", expected: 64, seen: try await program.status())
    }
  }
}
