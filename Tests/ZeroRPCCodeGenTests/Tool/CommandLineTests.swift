import Foundation
import Testing

@Suite struct CommandLineTests {
  private static let source = "import ZeroRPC\nprotocol S: RPCService {\n  func doIt() async throws\n}\n"

  @Test func writesTheOutput() throws {
    let generator = try Generator(["S.swift": Self.source])
    defer { generator.remove() }
    let printed = try generator.run(["S.swift"])
    let written = try generator.run(["--output", "out", "S.swift"])
    #expect(written.status == 0)
    #expect(written.output.isEmpty)
    #expect(try String(contentsOf: generator.path(of: "out"), encoding: .utf8) == printed.output)
    #expect(printed.output.contains("struct SClient: S, RPCServiceClient"))
  }

  @Test func leavesAnUnchangedOutputAlone() throws {
    let generator = try Generator(["S.swift": Self.source])
    defer { generator.remove() }
    let output = generator.path(of: "out").path
    _ = try generator.run(["--output", "out", "S.swift"])
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: output)
    _ = try generator.run(["--output", "out", "S.swift"])
    let attributes = try FileManager.default.attributesOfItem(atPath: output)
    #expect(attributes[.modificationDate] as? Date == Date(timeIntervalSince1970: 1000))
  }

  @Test func followsTheConfiguration() throws {
    let generator = try Generator(["S.swift": Self.source, "c.json": "{\"methodNames\": \"snake_case\"}"])
    defer { generator.remove() }
    #expect(try generator.run(["--configuration", "c.json", "S.swift"]).output.contains("call(\"do_it\""))
  }

  @Test func reportsTheConfigurationAndTheSourcesInOneRun() throws {
    let source = Self.source.replacingOccurrences(of: " async", with: "")
    let generator = try Generator(["S.swift": source, "c.json": "{\"methodNames\": 1,}"])
    defer { generator.remove() }
    let outcome = try generator.run(["--configuration", "c.json", "S.swift", "--output", "out"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("c.json:1:19: error: malformed JSON: expected a key in quotes\n"))
    #expect(outcome.errors.contains("S.swift:3:8: error: requirement 'doIt()' of service 'S' is not 'async throws'\n"))
    #expect(!FileManager.default.fileExists(atPath: generator.path(of: "out").path))
  }

  @Test func checksCommittedCode() throws {
    let generator = try Generator(["S.swift": Self.source])
    defer { generator.remove() }
    let hint = """
      out:1:1: note: hint: run `swift package --allow-writing-to-package-directory generate-zerorpc-code` and commit the \
      result

      """
    let missing = try generator.run(["--check", "--output", "out", "S.swift"])
    #expect(missing.status == 1)
    #expect(missing.errors == "out:1:1: error: the generated code is missing\n" + hint)

    _ = try generator.run(["--output", "out", "S.swift"])
    let fresh = try generator.run(["--check", "--output", "out", "S.swift"])
    #expect(fresh.status == 0)
    #expect(fresh.errors.isEmpty)

    try Data("old".utf8).write(to: generator.path(of: "out"))
    let stale = try generator.run(["--check", "--output", "out", "S.swift"])
    #expect(stale.status == 1)
    #expect(stale.errors == "out:1:1: error: the generated code is not up to date\n" + hint)
    #expect(try String(contentsOf: generator.path(of: "out"), encoding: .utf8) == "old")
  }

  @Test(arguments: [
    (["--colour"], "error: unknown option '--colour'"), (["--output"], "error: --output needs a value"),
    (["--check"], "error: --check needs --output"), (["--strict"], "error: --strict needs --check-contracts"),
    (["--check-contracts"], "error: --check-contracts needs a value"),
  ])
  func refusesNonsense(arguments: [String], expected: String) throws {
    let generator = try Generator([:])
    defer { generator.remove() }
    let outcome = try generator.run(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix(expected + "\nusage: zerorpc-generator"))
  }

  @Test func namesAFileThatItCannotRead() throws {
    let generator = try Generator([:])
    defer { generator.remove() }
    let outcome = try generator.run(["missing.swift"])
    #expect(outcome.status == 2)
    #expect(outcome.errors == "missing.swift:1:1: error: the file cannot be read\n")
  }
}
