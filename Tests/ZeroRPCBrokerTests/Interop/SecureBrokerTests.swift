import Foundation
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC
import ZeroRPCBroker

extension BrokerInterop {
  /// Brokers that keep strangers out, and prove to workers who they are.
  @Suite(.timeLimit(.minutes(2))) struct SecureBrokerTests {
    private let clients: ZMQCurveKeyPair
    private let workers: ZMQCurveKeyPair
    private let broker: ZMQCurveKeyPair

    init() throws {
      (clients, workers, broker) = (try .generate(), try .generate(), try .generate())
    }

    private func ask(_ endpoint: String, _ security: ZMQSecurity, timeout: Duration = .seconds(20)) async throws -> Int
    {
      var configuration = RPCClientConfiguration()
      configuration.timeout = timeout
      configuration.transport.security = security
      return try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        try await client.remote.add(2, 3)
      }
    }

    /// Each side has keys of its own, and an authenticator decides on both.
    @Test func bothSidesByCurve() async throws {
      let context = ZMQContext()
      var rules = ZMQAccessRules()
      rules.keys = [clients.publicKey: "alice", broker.publicKey: "broker"]
      let authenticator = try ZMQAuthenticator(rules, context: context)
      defer { authenticator.stop() }
      try await withServer {
        $0.context = context
        $0.transport.security = .curveServer(workers.secretKey)
        $0.transport.authenticationDomain = "workers"
      } body: { _, worker in
        try await withBroker(backends: [worker]) {
          $0.context = context
          $0.frontend.security = .curveServer(broker.secretKey)
          $0.frontend.authenticationDomain = "clients"
          $0.backend.security = .curve(server: workers.publicKey, keys: broker)
        } _: { running, frontend in
          try await expectWorkers(1, running)
          #expect(try await ask(frontend, .curve(server: broker.publicKey, keys: clients)) == 5)
          let strangers: [(ZMQSecurity, RPCError.Code)] = [
            (.none, .timeout),
            (.curve(server: broker.publicKey, keys: try .generate()), .authenticationFailed),
            (.curve(server: workers.publicKey, keys: clients), .authenticationFailed),
          ]
          for (security, code) in strangers {
            let error = await #expect(throws: RPCError.self) { try await ask(frontend, security, timeout: .seconds(3)) }
            #expect(error?.code == code, "\(security): \(error as Any)")
          }
          #expect(running.statistics.workers.reduce(0) { $0 + $1.done } == 1)
        }
      }
    }

    /// Workers that connect prove themselves to the broker, which is their client all the same.
    @Test func workersThatConnect() async throws {
      try await withBroker {
        $0.backend.security = .curve(server: workers.publicKey, keys: broker)
      } _: { running, frontend in
        let backend = try await running.bindBackend("tcp://127.0.0.1:*")
        for (keys, isKnown) in [(try ZMQCurveKeyPair.generate(), false), (workers, true)] {
          var configuration = RPCServerConfiguration()
          configuration.transport.security = .curveServer(keys.secretKey)
          let server = RPCServer(services: [SpecimenService(Journal())], configuration: configuration)
          try await server.connect(backend)
          let serving = Task { try await server.run() }
          if isKnown {
            try await expectWorkers(1, running)
            #expect(try await ask(frontend, .none) == 5)
          } else {
            await #expect(throws: RPCError.self) { try await ask(frontend, .none, timeout: .seconds(2)) }
            #expect(running.statistics.workers.allSatisfy { $0.state != "up" })
          }
          serving.cancel()
          try? await serving.value
        }
      }
    }

    /// The same by the command line.
    @Test func byTheCommandLine() async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let own = try broker.write(to: folder.appending(path: "broker").path)
      let served = try workers.write(to: folder.appending(path: "workers").path)
      try await withServer {
        $0.transport.security = .curveServer(workers.secretKey)
      } body: { _, worker in
        let run = try CommandLineRun([
          "broker", "--frontend", "tcp://127.0.0.1:*", "--backend", worker, "--frontend-key-file", own.secretFile,
          "--backend-server-key", served.publicFile, "--backend-key-file", own.secretFile,
        ])
        let frontend = try await run.value(of: "frontend listens at")
        #expect(try await ask(frontend, .curve(server: broker.publicKey, keys: clients)) == 5)
        await #expect(throws: RPCError.self) { try await ask(frontend, .none, timeout: .seconds(2)) }
        run.signal(SIGTERM)
        #expect(try await run.status() == 0, "\(run.errors)")
      }
    }
  }
}
