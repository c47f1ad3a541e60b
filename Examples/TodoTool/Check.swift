import ArgumentParser
import ExampleSupport
import Foundation

extension TodoCommand {
  /// Uses the tool as a user does, each command in a process of its own, and checks what it prints.
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Use all commands, and check what they print. This is what happens without a command.")

    func run() async throws {
      await runExample {
        let endpoint = "ipc:///tmp/todo-check-\(UInt32.random(in: 0 ... .max)).sock"
        let tool = Tool(endpoint: endpoint)
        try await tool.run("list", expecting: "", status: 69)

        try await withProgram([Tool.path, "serve", "--at", endpoint]) {
          // No waiting until it serves: calls do that.
          try await tool.run("add", "buy", "bolts", expecting: "☐ 1 buy bolts\n")
          let watched = FileManager.default.temporaryDirectory.appendingPathComponent("todo-\(UUID()).txt").path
          defer { try? FileManager.default.removeItem(atPath: watched) }
          try await withProgram(["/bin/sh", "-c", #"exec "$0" watch --at "$1" >"$2""#, Tool.path, endpoint, watched]) {
            func shows(_ lines: String) async throws {
              try await waitUntil { (try? String(contentsOfFile: watched, encoding: .utf8)) == lines }
            }
            try await shows("1 of 1 left\n")
            try await tool.run("add", "buy nuts", expecting: "☐ 2 buy nuts\n")
            try await shows("1 of 1 left\n2 of 2 left\n")
            try await tool.run("done", "1", expecting: "☑ 1 buy bolts\n")
            try await shows("1 of 1 left\n2 of 2 left\n1 of 2 left\n")
          }
          try await tool.run("list", expecting: "☑ 1 buy bolts\n☐ 2 buy nuts\n")
          try await tool.run("done", "7", expecting: "", status: 1)
          let permissions = try FileManager.default.attributesOfItem(atPath: String(endpoint.dropFirst("ipc://".count)))
          try expect(
            (permissions[.posixPermissions] as? Int ?? -1) & 0o077 == 0, "the socket should be its owner's alone")
        }
        try await tool.run("list", expecting: "", status: 69)
      }
    }
  }
}

/// Runs this program's own commands.
private struct Tool {
  static let path = URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.path
  let endpoint: String

  func run(_ words: String..., expecting expected: String, status: Int32 = 0) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Tool.path)
    process.arguments = [words[0], "--at", endpoint] + words.dropFirst()
    let output = Pipe()
    process.standardOutput = output
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { _ in end.finish() }
    try process.run()
    for await _ in ends {}
    let printed = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let call = "todo \(words.joined(separator: " "))"
    print("$ \(call)\n\(printed)", terminator: "")
    try expect(printed == expected, "'\(call)' should print '\(expected)', not '\(printed)'")
    let seen = process.terminationStatus
    try expect(seen == status, "'\(call)' should end with status \(status), not \(seen)")
  }
}
