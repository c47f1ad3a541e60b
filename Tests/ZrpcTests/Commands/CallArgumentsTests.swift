import ArgumentParser
import MessagePack
import Testing

@testable import zrpc

@Suite struct CallArgumentsTests {
  static let endpoint = "tcp://127.0.0.1:4242"

  /// What the command would send, from the words behind `zrpc call ENDPOINT METHOD`.
  private func values(_ words: String...) throws -> [MessagePackValue] {
    let command = try #require(
      try ZrpcCommand.parseAsRoot(["call", Self.endpoint, "method"] + words) as? CallCommand)
    return try CallArguments(command.arguments, strict: command.json).values
  }

  @Test func readsJSONAndFallsBackToStrings() throws {
    #expect(
      try values("5", "-5", "\"5\"", "hello", "[1, \"a\"]", "{\"a\": null}", "2025-11-21", "[x", "")
        == [5, -5, "5", "hello", [1, "a"], ["a": nil], "2025-11-21", "[x", ""])
  }

  @Test func takesOptionsAnywhere() throws {
    #expect(try values("1", "--timeout", "3", "-2.5", "--heartbeat=1", "x") == [1, -2.5, "x"])
    #expect(try values("-7", "--json") == [-7])
  }

  @Test func takesWhatBeginsWithADashBehindTheMark() throws {
    #expect(try values("1", "--", "--json", "-x", "-3") == [1, "--json", "-x", -3])
    #expect(try values("--", "a", "--", "b") == ["a", "--", "b"])
    #expect(try values("-", "-5x", "-5-6") == ["-", "-5x", "-5-6"])
  }

  @Test(arguments: ["--jsno", "-x", "--timeot", "-j"])
  func namesAMisspeltOption(word: String) {
    #expect {
      try self.values("1", word)
    } throws: { "\(ZrpcCommand.message(for: $0))".contains("Unknown option '\(word)'") }
  }

  @Test func insistsOnJSON() {
    #expect {
      try self.values("1", "hello", "--json")
    } throws: { error in
      "\(ZrpcCommand.message(for: error))".contains("Argument 2, hello, cannot be sent")
        && ZrpcCommand.exitCode(for: error) == .validationFailure
    }
  }

  @Test func refusesWhatCannotBeSentInEitherMode() {
    #expect {
      try self.values("99999999999999999999")
    } throws: { "\(ZrpcCommand.message(for: $0))".contains("does not fit 64 bits") }
  }

  @Test(arguments: [
    ["--timeout", "0"], ["--timeout", "-1"], ["--timeout", "nan"], ["--timeout", "1e300"], ["--heartbeat", "-1"],
    ["--heartbeat", "inf"],
  ])
  func refusesTimesThatCannotWork(words: [String]) {
    #expect {
      try ZrpcCommand.parseAsRoot(["inspect", Self.endpoint] + words)
    } throws: { ZrpcCommand.exitCode(for: $0) == .validationFailure }
  }
}
