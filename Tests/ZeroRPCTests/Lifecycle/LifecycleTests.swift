#if ServiceLifecycle
  import Logging
  import ServiceLifecycle
  import ServiceLifecycleTestKit
  import TestSupport
  import Testing
  import ZeroMQ
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

      /// Proxies and receivers end too, and a message that a handler is at is finished.
      @Test(.timeLimit(.minutes(1))) func receiversAndProxies() async throws {
        let mock = LedgerMock()
        let journal = Journal()
        mock.on.hold { tag in
          journal.note("\(tag) started")
          try await journal.release(of: tag)
          journal.note("\(tag) ended")
        }
        let puller = RPCPuller(services: [mock])
        let endpoint = try await puller.bind(Transport.inproc.endpoint)
        let subscriber = RPCSubscriber(services: [mock])
        try await subscriber.bind(Transport.inproc.endpoint)
        let proxy = try ZMQProxy(.queue)
        let group = ServiceGroup(
          services: [proxy, puller, subscriber],
          logger: Logger(label: "group", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        let pusher = RPCPusher()
        try pusher.connect(endpoint)
        try await LedgerPusher(pusher).hold("h")
        try await journal.wait(for: "h started")
        await group.triggerGracefulShutdown()
        journal.release("h")
        try await running.value
        #expect(journal.count("h ended") == 1)
        #expect(mock.on.hold.calls == ["h"])
        pusher.close()
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
