import ArgumentParser
import MessagePack
import Testing

@testable import zrpc

/// Reads command lines of the Python command.
@Suite struct PythonCommandTests {
  private func request(_ words: String...) throws -> PythonCommand.Request {
    try #require(try ZrpcCommand.parseAsRoot(words) as? PythonCommand).request
  }

  @Test func argumentsAreStrings() throws {
    let request = try request("tcp://x:1", "add", "1", "-5", "hello")
    #expect(request.connections == ["tcp://x:1"])
    #expect(request.method == "add")
    #expect(request.arguments == ["1", "-5", "hello"])
  }

  @Test func argumentsAreJSONOnRequest() throws {
    #expect(try request("-j", "tcp://x:1", "add", "1", "[2]").arguments == [1, [2]])
    #expect(try request("tcp://x:1", "add", "1", "\"2\"", "--json").arguments == [1, "2"])
    #expect(throws: (any Error).self) { try self.request("-j", "tcp://x:1", "add", "hello") }
  }

  @Test func endpointsMayBeOptions() throws {
    let command = try #require(
      try ZrpcCommand.parseAsRoot([
        "--connect", "tcp://x:1", "--bind", "tcp://*:2", "--connect", "tcp://x:3", "add", "1",
      ]) as? PythonCommand)
    #expect(command.bindings == ["tcp://*:2"])
    #expect(try command.request.connections == ["tcp://x:1", "tcp://x:3"])
    #expect(try command.request.method == "add")
    #expect(try command.request.arguments == ["1"])
  }

  @Test func optionsAreThoseOfPython() throws {
    let command = try #require(
      try ZrpcCommand.parseAsRoot([
        "--timeout", "3", "--heartbeat=1", "--active-hb", "-pj", "-j", "-?", "-d", "--client", "tcp://x:1",
      ]) as? PythonCommand)
    #expect(command.client.timeout == 3)
    #expect(command.client.heartbeat == 1)
    #expect(command.activeHeartbeat && command.printJSON && command.json && command.inspect && command.client.debug)
    #expect(try command.request.method == nil)
  }

  @Test func theMarkEndsTheOptions() throws {
    #expect(try request("tcp://x:1", "add", "--", "--json", "-x").arguments == ["--json", "-x"])
    #expect(try request("--", "tcp://x:1", "add", "-x").arguments == ["-x"])
  }

  @Test(arguments: [
    (["--server", "tcp://x:1", "module"], "which zrpc cannot load"),
    (["--pool-size", "3", "tcp://x:1"], "which zrpc cannot load"),
    (["cal", "tcp://x:1"], "'cal' is neither a command nor an endpoint"),
    (["tcp://x:1", "add", "--jsno"], "Unknown option '--jsno'"),
    (["--bnid", "tcp://x:1"], "Unknown option '--bnid'"),
    (["--", "-x"], "'-x' is neither a command nor an endpoint"),
  ])
  func refuses(words: [String], complaint: String) {
    #expect {
      try ZrpcCommand.parseAsRoot(words)
    } throws: {
      ZrpcCommand.exitCode(for: $0) == .validationFailure && "\(ZrpcCommand.message(for: $0))".contains(complaint)
    }
  }

  @Test func saysWhatItIsWithoutArguments() {
    #expect {
      try ZrpcCommand.parseAsRoot([])
    } throws: {
      ZrpcCommand.exitCode(for: $0) == .success && ZrpcCommand.fullMessage(for: $0).contains("SUBCOMMANDS:")
    }
  }
}
