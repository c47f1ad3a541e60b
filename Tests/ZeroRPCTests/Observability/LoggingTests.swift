import InMemoryLogging
import Logging
import TestSupport
import Testing
import ZeroRPC

extension Integration {
  /// What handlers and operators find in logs.
  @Suite struct LoggingTests {
    /// Logs by the logger of the task, as any library does that it calls.
    struct Chatty: RPCService {
      var zeroRPCGenerated: RPCServiceDefinition {
        RPCServiceDefinition(
          name: "Chatty",
          methods: [
            RPCMethodDefinition("talk") { call in
              let text = try call.arguments(count: 1) { try $0.decode(0, as: String.self) }
              Logger.current.info("\(text)")
              async let child: Void = { Logger.current.info("child of \(text)") }()
              await child
            }
          ])
      }
    }

    @Test(.timeLimit(.minutes(1))) func handlersHaveALoggerThatNamesTheirCall() async throws {
      let log = InMemoryLogHandler()
      try await withServer(services: [Chatty()]) {
        $0.logger = Logger(label: "server") { _ in log }
      } body: { _, endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          let _: Int? = try await client.remote.talk("one")
          let _: Int? = try await client.remote.talk("two")
        }
      }
      #expect(log.entries.map { "\($0.message)" } == ["one", "child of one", "two", "child of two"])
      #expect(log.entries.allSatisfy { $0.metadata["rpc.method"] == "talk" })
      #expect(log.entries[0].metadata["rpc.channel"] == log.entries[1].metadata["rpc.channel"])
      #expect(log.entries[0].metadata["rpc.channel"] != log.entries[2].metadata["rpc.channel"])
      #expect(log.entries[0].metadata["rpc.peer"] == log.entries[2].metadata["rpc.peer"])
      #expect(log.entries[0].metadata["rpc.peer"] != nil)
    }

    @Test(.timeLimit(.minutes(1))) func failedCallsAreLoggedAtDebug() async throws {
      var clientLog = InMemoryLogHandler()
      var serverLog = InMemoryLogHandler()
      clientLog.logLevel = .debug
      serverLog.logLevel = .debug
      let (client, server) = (clientLog, serverLog)
      try await withHarness {
        $0.logger = Logger(label: "server") { _ in server }
      } client: {
        $0.logger = Logger(label: "client") { _ in client }
      } _: { harness in
        _ = try await harness.specimen.add(1, 2)
        await #expect(throws: RemoteError.self) { try await harness.specimen.fail("x") }
        for log in [client, server] {
          try await eventually("an entry") { !log.entries.isEmpty }
          #expect(log.entries.count == 1)
          #expect(log.entries.first?.level == .debug)
          #expect(log.entries.first?.metadata["rpc.method"] == "fail")
          #expect(log.entries.first?.metadata["error.type"] == "Refusal")
        }
        #expect(client.entries.first?.metadata["endpoint"] == "\(harness.endpoint)")
      }
    }
  }
}
