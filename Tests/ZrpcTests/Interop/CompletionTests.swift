import Foundation
import TestSupport
import Testing

extension ZrpcIntegration {
  /// The scripts that complete commands and options in a shell.
  @Suite struct CompletionTests {
    @Test(
      .enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/bash")),
      arguments: [
        ("zrpc imp", ["import"]), ("zrpc call --hear", ["--heartbeat"]), ("zrpc bench --r", ["--requests", "--rate"]),
        ("zrpc proxy st", ["streamer"]), ("zrpc zerorpc --print", ["--print-json"]),
      ])
    func bash(line: String, completions: [String]) async throws {
      let script = """
        eval "$("$0" --generate-completion-script bash)"
        COMP_LINE=$1
        read -ra COMP_WORDS <<<"$1"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_POINT=${#COMP_LINE}
        _zrpc zrpc "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      let run = try ToolRun(["/bin/bash", "-c", script, try Program.built("zrpc").path, line])
      #expect(try await run.status() == 0, "\(run.errors)")
      let words = run.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(Set(words) == Set(completions), "\(run.output)\(run.errors)")
    }

    @Test(arguments: ["zsh", "fish"]) func otherShells(shell: String) async throws {
      let run = try await zrpc("--generate-completion-script", shell)
      #expect(run.status == 0)
      for command in ["import", "bench", "in-flight"] { #expect(run.output.contains(command)) }
    }
  }
}
