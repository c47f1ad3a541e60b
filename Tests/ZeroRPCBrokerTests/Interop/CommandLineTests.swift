import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC
import ZeroRPCBroker

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension BrokerInterop {
  /// `zrpc broker` and `zrpc top` as they are used.
  @Suite struct CommandLineTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func brokerAndTop(signal: Int32) async throws {
      try await withServer { _, endpoint in
        let broker = try CommandLineRun([
          "broker", "--frontend", "tcp://127.0.0.1:*", "--frontend", "ipc://*", "--backend", endpoint, "--backend-bind",
          "tcp://127.0.0.1:*", "--policy", "credit", "--credit", "10", "--control", "tcp://127.0.0.1:*",
        ])
        let frontend = try await broker.value(of: "frontend listens at")
        let control = try await broker.value(of: "control listens at")
        try await withRPCClient(connectingTo: frontend) { client in try await makeCalls(50, atOnce: 4, client) }

        let once = try CommandLineRun(["top", control, "--once", "--json"])
        #expect(try await once.status() == 0, "\(once.errors)")
        for part in [#""policy": "credit 10""#, #""done": 50"#, #""channels": 0"#, #""state": "up""#] {
          #expect(once.output.contains(part), "\(part) in \(once.output)")
        }
        let watching = try CommandLineRun(["top", control, "--interval", "0.1"])
        try await eventually("three refreshes") {
          watching.output.split(separator: "\n").count { $0.hasPrefix("worker \(endpoint)") } >= 3
        }
        watching.signal(signal)
        #expect(try await watching.status() == 0)

        broker.signal(signal)
        #expect(try await broker.status() == 0, "\(broker.errors)")
      }
    }

    @Test func topOnAProxy() async throws {
      try await withServer { _, endpoint in
        let proxy = try CommandLineRun([
          "proxy", "queue", "--frontend", "tcp://127.0.0.1:*", "--backend", endpoint, "--control", "tcp://127.0.0.1:*",
        ])
        let frontend = try await proxy.value(of: "frontend listens at")
        let control = try await proxy.value(of: "control listens at")
        try await withRPCClient(connectingTo: frontend) { client in try await makeCalls(50, atOnce: 4, client) }
        let json = try CommandLineRun(["top", control, "--once", "--json"])
        #expect(try await json.status() == 0, "\(json.errors)")
        #expect(json.output.contains(#""frontend_received_messages": 50"#), "\(json.output)")
        let table = try CommandLineRun(["top", control, "--once", "--interval", "0.1"])
        #expect(try await table.status() == 0)
        #expect(table.output.contains("backend received"), "\(table.output)")
        proxy.signal(SIGTERM)
        #expect(try await proxy.status() == 0)
      }
    }

    /// Nobody there, a server that comes, and goes.
    @Test func monitor() async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      let monitor = try CommandLineRun(["monitor", endpoint])
      func expect(_ event: String) async throws {
        try await eventually("\(event); there is \(monitor.output)\(monitor.errors)") {
          monitor.output.contains(" \(event) \(endpoint)")
        }
      }
      try await expect("connectRetried")
      try await withServer(at: endpoint) { _, _ in try await expect("handshakeSucceeded") }
      try await expect("disconnected")
      monitor.signal(SIGTERM)
      #expect(try await monitor.status() == 0, "\(monitor.errors)")

      let listening = try CommandLineRun(["monitor", endpoint, "--bind", "--json", "--count", "2"])
      try await eventually("the endpoint to be bound") { listening.output.contains(#""event": "listening""#) }
      let peer = try RawSocket(.dealer, connecting: endpoint)
      defer { peer.close() }
      #expect(try await listening.status() == 0)
      #expect(listening.output.contains(#""event": "accepted""#), "\(listening.output)")
    }

    @Test func topWithoutABroker() async throws {
      let nobody = try CommandLineRun(["top", "tcp://127.0.0.1:\(try freePort())", "--timeout", "0.3", "--once"])
      #expect(try await nobody.status() == 2)
      #expect(nobody.errors.contains("no answer from 'tcp://127.0.0.1:"))
    }

    @Test(arguments: [
      (["broker"], "Missing --frontend"),
      (["broker", "--frontend", "tcp://127.0.0.1:*"], "Missing --backend"),
      (["broker", "--frontend", "nonsense", "--backend", "tcp://127.0.0.1:1"], "cannot bind 'nonsense'"),
      (["broker", "--frontend", "tcp://127.0.0.1:*", "--backend", "tcp://x:99999"], "the port is above 65535"),
      (["broker", "--frontend", "x", "--backend", "x", "--policy", "best"], "'best' is invalid"),
      (["broker", "--frontend", "x", "--backend", "x", "--credit", "2"], "--credit goes with --policy credit"),
      (["broker", "--frontend", "x", "--backend", "x", "--policy", "credit", "--credit", "0"], "from 1 on, not 0"),
      (["monitor", "nonsense"], "cannot connect 'nonsense'"),
      (["top", "nonsense"], "cannot connect 'nonsense'"),
      (["top", "tcp://127.0.0.1:1", "--interval", "0"], "--interval takes seconds"),
    ])
    func badInput(arguments: [String], complaint: String) async throws {
      let run = try CommandLineRun(arguments)
      #expect(try await run.status() == 64)
      #expect(run.errors.contains(complaint), "\(run.errors)")
    }
  }
}
