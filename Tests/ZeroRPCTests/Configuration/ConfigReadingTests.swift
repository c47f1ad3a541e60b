#if Configuration
  import Configuration
  import Foundation
  import Testing
  import ZeroMQ
  import ZeroRPC

  extension Machines {
    /// Configurations out of swift-configuration.
    @Suite struct ConfigReadingTests {
      private func reader(_ values: [AbsoluteConfigKey: ConfigValue]) -> ConfigReader {
        ConfigReader(provider: InMemoryProvider(values: values))
      }

      @Test func nothingIsTheDefault() throws {
        let client = try RPCClientConfiguration(config: reader([:]))
        #expect(client.timeout == .seconds(30))
        #expect(client.heartbeat == .seconds(5))
        #expect(client.transport == RPCTransportOptions())
        #expect(client.instrumentation == RPCInstrumentation())
        let server = try RPCServerConfiguration(config: reader([:]))
        #expect(server.heartbeat == .seconds(5))
        #expect(try RPCCallOptions(config: reader([:])) == RPCCallOptions())
      }

      @Test func everyKeyOfClients() throws {
        let client = try RPCClientConfiguration(
          config: reader([
            "users.timeout": "250ms", "users.itemTimeout": 2, "users.streamTimeout": "1h", "users.heartbeat": "none",
            "users.passiveHeartbeat": true, "users.streamWindow": 7, "users.shutdownGrace": "2m",
            "users.transport.sendHighWaterMark": 5, "users.transport.receiveHighWaterMark": "6",
            "users.transport.linger": 0.5, "users.transport.maximumMessageSize": 1_000_000,
            "users.transport.reconnectInterval": "1.5s", "users.instrumentation.recordsMetrics": false,
            "users.instrumentation.recordsSpans": false,
            "users.transport.engine": "libzmq",
          ]).scoped(to: "users"))
        #expect(client.timeout == .milliseconds(250))
        #expect(client.itemTimeout == .seconds(2))
        #expect(client.streamTimeout == .seconds(3_600))
        #expect(client.heartbeat == nil)
        #expect(client.passiveHeartbeat)
        #expect(client.streamWindow == 7)
        #expect(client.shutdownGrace == .seconds(120))
        #expect(client.transport.sendHighWaterMark == 5)
        #expect(client.transport.receiveHighWaterMark == 6)
        #expect(client.transport.linger == .milliseconds(500))
        #expect(client.transport.maximumMessageSize == 1_000_000)
        #expect(client.transport.reconnectInterval == .milliseconds(1_500))
        #expect(client.transport.engine == .libzmq)
        #expect(client.instrumentation == .disabled)
      }

      @Test func everyKeyOfServersAndCalls() throws {
        let server = try RPCServerConfiguration(
          config: reader([
            "heartbeat": 1, "shutdownGrace": "100ms", "transport.linger": "0", "instrumentation.recordsSpans": false,
          ]))
        #expect(server.heartbeat == .seconds(1))
        #expect(server.shutdownGrace == .milliseconds(100))
        #expect(server.transport.linger == .zero)
        #expect(!server.instrumentation.recordsSpans && server.instrumentation.recordsMetrics)
        let options = try RPCCallOptions(
          config: reader([
            "timeout": "1s", "itemTimeout": "2s", "streamTimeout": "3s", "streamWindow": 4, "isIdempotent": true,
          ]))
        var expected = RPCCallOptions(timeout: .seconds(1), streamWindow: 4, isIdempotent: true)
        expected.itemTimeout = .seconds(2)
        expected.streamTimeout = .seconds(3)
        #expect(options == expected)
      }

      @Test func everyLimitOfServers() throws {
        let server = try RPCServerConfiguration(
          config: reader([
            "isIntrospectable": false, "limits.connections": 8, "limits.handlers": 1, "limits.handlersPerPeer": 2,
            "limits.queuedCalls": 3,
            "limits.queuedCallsPerPeer": 4, "limits.queuedBytes": 5, "limits.queuedBytesPerPeer": 6,
            "limits.unsentBytesPerPeer": 7,
          ]))
        var expected = RPCServerLimits()
        expected.connections = 8
        (expected.handlers, expected.handlersPerPeer) = (1, 2)
        (expected.queuedCalls, expected.queuedCallsPerPeer) = (3, 4)
        (expected.queuedBytes, expected.queuedBytesPerPeer, expected.unsentBytesPerPeer) = (5, 6, 7)
        #expect(server.limits == expected)
        #expect(!server.isIntrospectable)
        #expect(try RPCServerConfiguration(config: reader([:])).limits == RPCServerLimits())
      }

      @Test func security() throws {
        func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> RPCTransportOptions {
          try RPCTransportOptions(config: reader(values))
        }
        let keys = try ZMQCurveKeyPair.generate()
        let server = try ZMQCurveKeyPair.generate()
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = try keys.write(to: folder.appending(path: "own").path)
        let serverFiles = try server.write(to: folder.appending(path: "server").path)

        #expect(try read([:]).security == .none)
        #expect(try read(["security.mechanism": "plainServer"]).security == .plainServer)
        #expect(try read(["authenticationDomain": "staff"]).authenticationDomain == "staff")
        let plain = try read([
          "security.mechanism": "plain", "security.username": "carol", "security.password": .init("s", isSecret: true),
        ])
        #expect(plain.security == .plain(username: "carol", password: "s"))
        let curve = ZMQSecurity.curve(server: server.publicKey, keys: keys)
        for key in [server.publicKey.z85, serverFiles.publicFile] {
          let read = try read([
            "security.mechanism": "curve", "security.serverKey": .init(.string(key), isSecret: false),
            "security.keyFile": .init(.string(files.secretFile), isSecret: false),
          ])
          #expect(read.security == curve)
        }
        let served = try read([
          "security.mechanism": "curveServer", "security.secretKey": .init(.string(keys.secretKey.z85), isSecret: true),
        ])
        #expect(served.security == .curveServer(keys.secretKey))
      }

      @Test(
        arguments: [
          (["security.mechanism": "curv"], "mechanism"), (["security.mechanism": "plain"], "username"),
          (["security.mechanism": "curveServer"], "keyFile"), (["security.mechanism": "curve"], "serverKey"),
          (["security.mechanism": "curve", "security.serverKey": "/nowhere.key"], "/nowhere.key"),
          (["security.mechanism": "curveServer", "security.secretKey": "hush"], "secretKey"),
          (["limits.handlers": 0], "limits.handlers"), (["limits.queuedBytesPerPeer": -1], "limits.queuedBytesPerPeer"),
        ] as [([AbsoluteConfigKey: ConfigValue], String)])
      func whatCannotWork(_ values: [AbsoluteConfigKey: ConfigValue], _ name: String) {
        let error = #expect(throws: RPCError.self) {
          _ = try RPCTransportOptions(config: reader(values))
          _ = try RPCServerConfiguration(config: reader(values))
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(name.components(separatedBy: ".").last ?? name) == true, "\(error as Any)")
        #expect(error?.message.contains("hush") == false)
      }

      /// Environment variables are all text.
      @Test func environment() throws {
        let provider = EnvironmentVariablesProvider(environmentVariables: [
          "USERS_PASSIVE_HEARTBEAT": "true", "USERS_STREAM_WINDOW": "9", "USERS_TIMEOUT": "12",
          "USERS_TRANSPORT_MAXIMUM_MESSAGE_SIZE": "4096",
        ])
        let client = try RPCClientConfiguration(config: ConfigReader(provider: provider).scoped(to: "users"))
        #expect(client.passiveHeartbeat && client.streamWindow == 9 && client.timeout == .seconds(12))
        #expect(client.transport.maximumMessageSize == 4_096)
      }

      /// A value that cannot work is an error that names its key, never the default in silence.
      @Test(arguments: [
        ("timeout", ConfigValue(stringLiteral: "fast")), ("timeout", "none"), ("timeout", "-1s"),
        ("timeout", "5 parsecs"),
        ("heartbeat", "no"), ("streamWindow", 1), ("streamWindow", "many"), ("passiveHeartbeat", "perhaps"),
        ("transport.linger", ""), ("transport.maximumMessageSize", 0), ("instrumentation.recordsMetrics", "maybe"),
        ("transport.engine", "steam"),
      ])
      func badValues(_ key: String, _ value: ConfigValue) throws {
        let config = reader([AbsoluteConfigKey(key.split(separator: ".").map(String.init)): value])
        let error = try #require(throws: RPCError.self) { try RPCClientConfiguration(config: config) }
        #expect(error.code == .invalidConfiguration)
        let last = try #require(key.split(separator: ".").last)
        #expect(error.message.contains("'\(last)'"), "\(error.message)")
      }
    }
  }
#endif
