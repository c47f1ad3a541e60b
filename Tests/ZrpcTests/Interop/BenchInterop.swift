import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

@testable import zrpc

extension ZrpcIntegration {
  /// `zrpc bench` as a process, against a server of Swift.
  @Suite struct BenchCommandTests {
    @Test(arguments: [
      ["--requests", "200"], ["-n", "200", "-c", "8", "--connections", "3"], ["-n", "200", "--rate", "2000"],
    ])
    func measures(options: [String]) async throws {
      try await withServer { _, endpoint in
        let run = try ToolRun.zrpc(["bench", endpoint, "add", "1", "2", "--json"] + options)
        #expect(try await run.status() == 0, "\(run.errors)")
        let json = try MessagePackValue(json: run.output)
        #expect(json["calls"] == 200)
        #expect(json["failed"] == 0)
        #expect(json["interrupted"] == false)
        // Nothing but the result: nobody looks at a terminal.
        #expect(run.errors == "")
        let latency = try #require(json["latency_ms"]?.mapValue)
        let names = ["min", "p50", "p90", "p99", "p99.9", "max"]
        let figures = names.compactMap { latency[$0]?.doubleValue }
        #expect(figures.count == names.count)
        #expect(figures == figures.sorted())
      }
    }

    @Test func countsItemsOfStreams() async throws {
      try await withServer { _, endpoint in
        let run = try ToolRun.zrpc(["bench", endpoint, "count", "5", "-n", "20"])
        #expect(try await run.status() == 0, "\(run.errors)")
        #expect(run.output.contains("items") && run.output.contains("100"), "\(run.output)")
      }
    }

    @Test func endsWithTheDuration() async throws {
      try await withServer { _, endpoint in
        let run = try ToolRun.zrpc(["bench", endpoint, "add", "1", "2", "--duration", "0.3"])
        #expect(try await run.status() == 0, "\(run.errors)")
        #expect(run.output.contains("10 calls in flight on 1 connection"), "\(run.output)")
      }
    }

    /// Ctrl-C ends it, and what was measured is reported.
    @Test(arguments: [SIGINT, SIGTERM])
    func reportsWhenItIsInterrupted(signal: Int32) async throws {
      let journal = Journal()
      try await withServer(journal: journal) { server, endpoint in
        let run = try ToolRun.zrpc(["bench", endpoint, "wait", "w", "--duration", "1000", "--json"])
        let before = try await run.hasConnected(to: server)
        #expect(before)
        // The first call only sees whether the method is there; interrupted during that, nothing was measured.
        journal.release("w")
        try await journal.wait(for: "w ended", count: 30)
        run.signal(signal)
        #expect(try await run.status() == 0, "\(run.errors)")
        #expect(try MessagePackValue(json: run.output)["interrupted"] == true)
      }
    }

    @Test func saysWhichCallsFail() async throws {
      let run = try await zrpc("bench", "tcp://127.0.0.1:\(try freePort())", "add", "--timeout", "0.3")
      #expect(run.status == 2)
      #expect(run.output == "")
      try await withServer { _, endpoint in
        let unknown = try await zrpc("bench", endpoint, "nosuch", "-n", "10")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("nosuch"))
      }
    }
  }
}

extension ToolRun {
  /// Waits until calls arrive at a server.
  fileprivate func hasConnected(to server: RPCServer) async throws -> Bool {
    try await eventually("calls of the load") { server.openCalls > 0 }
    return true
  }
}
