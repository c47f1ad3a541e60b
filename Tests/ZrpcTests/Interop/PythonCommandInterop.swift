import Foundation
import TestSupport
import Testing
import ZeroRPC

extension ZrpcInterop {
  /// `zrpc ENDPOINT …` beside Python's `zerorpc ENDPOINT …`: the same output, to the byte.
  @Suite struct SideBySideTests {
    static let commands: [[String]] = [
      [], ["--inspect"], ["-?", "SERVICE", "set_target"], ["-?", "SERVICE", "none"],
      ["--inspect", "SERVICE", "unknown"],
      ["SERVICE", "add", "1", "2"], ["SERVICE", "add", "-1", "-2"], ["--json", "SERVICE", "add", "1", "2"],
      ["SERVICE", "add", "[1]", "[2, {\"a\": null}]", "-j"], ["SERVICE", "greet", "wörld"], ["SERVICE", "none"],
      ["SERVICE", "many"], ["SERVICE", "items"], ["-pj", "SERVICE", "items"], ["--print-json", "SERVICE", "nothing"],
      ["SERVICE", "nothing"], ["-pj", "SERVICE", "none"],
      ["-j", "-pj", "SERVICE", "undocumented", "{\"é\": [1e16, 0.1]}"],
      ["SERVICE", "any-name", "x"], ["--connect", "SERVICE", "greet", "you"], ["-j", "SERVICE", "watch", "3"],
      ["--active-hb", "--timeout", "5", "--heartbeat", "5", "-j", "SERVICE", "slow", "0.1"],
    ]

    private func command(_ arguments: [String], _ endpoint: String) -> [String] {
      let words = arguments.contains("SERVICE") ? arguments : arguments + ["SERVICE"]
      return words.map { $0 == "SERVICE" ? endpoint : $0 }
    }

    @Test func prints() async throws {
      for options in [[], ["--mute"]] {
        let service = try await options.isEmpty ? PythonService() : PythonService("--mute")
        for arguments in Self.commands {
          let words = command(arguments, service.endpoint)
          // On Python 3.11 the reference itself cannot print signatures that it has to ask for.
          if !options.isEmpty, words.contains("-?") || words.contains("--inspect") { continue }
          try await compare(words)
        }
      }
    }

    @Test func printsWhatASwiftServiceSays() async throws {
      try await withServer { _, endpoint in
        for arguments in [[], ["--inspect"], ["-?", "SERVICE", "add"], ["-j", "SERVICE", "add", "1", "2"]] {
          try await compare(command(arguments, endpoint))
        }
      }
    }

    private func compare(_ words: [String]) async throws {
      let python = try ToolRun([try PythonService.interpreter, PythonService.script("zerorpc_command.py")] + words)
      let swift = try ToolRun.zrpc(words)
      #expect(try await swift.status() == python.status(), "\(words): \(swift.errors)\(python.errors)")
      #expect(swift.output == python.output, "\(words)")
      #expect(swift.errors == python.errors, "\(words)")
    }

    @Test func failsAsPythonDoes() async throws {
      let service = try await PythonService()
      for words in [["fail", "no"], ["unknown"], ["breaking"]] {
        let words = [service.endpoint] + words
        let python = try ToolRun([try PythonService.interpreter, PythonService.script("zerorpc_command.py")] + words)
        let swift = try ToolRun.zrpc(words)
        #expect(try await swift.status() == 1)
        #expect(try await python.status() == 1)
        #expect(swift.output == python.output)
        // The remote traceback, but none of our own.
        let last = python.errors.split(separator: "\n").last ?? ""
        #expect(swift.errors.contains(last), "\(swift.errors)")
        #expect(!swift.errors.contains("cli.py"))
      }
    }

    @Test func aServiceThatConnects() async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      let run = try ToolRun.zrpc(["--bind", endpoint, "greet", "you"])
      let service = try ToolRun([
        try PythonService.interpreter, PythonService.script("service.py"), "--connect", endpoint,
      ])
      #expect(try await run.status() == 0)
      #expect(run.output == "'Hello, you!'\n")
      #expect(run.errors == "binding to \"\(endpoint)\"\n")
      service.signal(SIGKILL)
    }

    @Test func showsEventsOnRequest() async throws {
      let service = try await PythonService()
      let run = try await zrpc("-d", service.endpoint, "greet", "you")
      #expect(run.output == "'Hello, you!'\n")
      #expect(run.errors.contains("event sent") && run.errors.contains("name=greet"), "\(run.errors)")
      #expect(run.errors.contains("event received") && run.errors.contains("name=OK"), "\(run.errors)")
    }
  }
}
