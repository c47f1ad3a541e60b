#if ServiceLifecycle
  import Logging
  import ServiceLifecycle
  import ServiceLifecycleTestKit
  import TestSupport
  import Testing
  import ZeroRPC

  extension Integration {
    /// Clients and servers as services of swift-service-lifecycle.
    @Suite struct LifecycleTests {
      /// A graceful shutdown of a group refuses new calls, and lets the open one end, at the server and at its client.
      @Test(.timeLimit(.minutes(1))) func groupsShutDownGracefully() async throws {
        let journal = Journal()
        let server = RPCServer(services: [SpecimenService(journal)])
        let endpoint = try await server.bind(Transport.tcp.endpoint)
        let client = try RPCClient(connectingTo: endpoint)
        let group = ServiceGroup(
          services: [client, server], logger: Logger(label: "group", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        async let open: Void = SpecimenClient(client).wait("open")
        try await journal.wait(for: "open started")
        await group.triggerGracefulShutdown()
        try await eventually("calls to be refused") {
          do {
            _ = try await SpecimenClient(client).add(1, 2)
            return false
          } catch let error as RemoteError {
            return error.name == "ServerShuttingDown"
          }
        }
        journal.release("open")
        try await open
        try await running.value
        #expect(server.endpoints.isEmpty)
        let late = await #expect(throws: RPCError.self) { try await SpecimenClient(client).add(1, 2) }
        #expect(late?.code == .closed)
      }

      /// A client alone waits for its calls, but not longer than it is told.
      @Test(.timeLimit(.minutes(1))) func clientsGiveUpAfterTheGrace() async throws {
        try await withServer { _, endpoint in
          var configuration = RPCClientConfiguration()
          configuration.shutdownGrace = .milliseconds(50)
          let client = try RPCClient(connectingTo: endpoint, configuration: configuration)
          let call = Task { try await SpecimenClient(client).wait("never") }
          try await eventually("the call") { client.openCalls == 1 }
          try await testGracefulShutdown { trigger in
            let running = Task { try await client.run() }
            trigger.triggerGracefulShutdown()
            try await running.value
          }
          let error = await #expect(throws: RPCError.self) { try await call.value }
          #expect(error?.code == .closed)
        }
      }

      /// A cancelled group ends at once.
      @Test(.timeLimit(.minutes(1))) func cancellation() async throws {
        try await withServer { _, endpoint in
          let client = try RPCClient(connectingTo: endpoint)
          let running = Task { try await client.run() }
          running.cancel()
          try await running.value
          #expect(client.endpoints.isEmpty)
        }
      }
    }
  }
#endif
