import TestSupport
import ZeroRPC

/// Makes calls to another server from inside its handlers, for tests of what calls inherit.
///
/// Its definition is written by hand, as one would without the plugin.
struct RelayService: RPCService {
  let inner: SpecimenClient
  let clock: any Clock<Duration>

  init(_ client: RPCClient, clock: any Clock<Duration> = ContinuousClock()) {
    inner = SpecimenClient(client)
    self.clock = clock
  }

  var zeroRPCGenerated: RPCServiceDefinition {
    RPCServiceDefinition(
      name: "Relay",
      methods: [
        // The seconds that the handler has; -1 without a deadline.
        RPCMethodDefinition("remaining") { call in
          try call.arguments(count: 0) { _ in }
          let remaining = RPCTaskContext.current.remainingTime
          try call.reply { $0.packDouble(remaining.map { $0 / .seconds(1) } ?? -1) }
        },
        RPCMethodDefinition("relay") { call in
          let tag = try call.arguments(count: 1) { try $0.decode(0, as: String.self) }
          try await inner.wait(tag)
        },
        RPCMethodDefinition("sums", isStream: true) { call in
          let (limit, pause) = try call.arguments(count: 2) {
            (try $0.decode(0, as: Int.self), try $0.decode(1, as: Double.self))
          }
          let stream = RPCStream<Int> { writer in
            for number in 0..<limit {
              try await writer.write(try await inner.add(number, 1))
              try await clock.sleep(for: .seconds(pause))
            }
          }
          try await call.reply(streaming: stream) { try $0.pack($1) }
        },
        // The header entries that the handler has.
        RPCMethodDefinition("context") { call in
          try call.arguments(count: 0) { _ in }
          try call.reply { try $0.pack(RPCTaskContext.current.headers) }
        },
        // The header entries that a handler has which this one calls.
        RPCMethodDefinition("nested") { call in
          try call.arguments(count: 0) { _ in }
          let headers = try await RelayClient(inner.client).context()
          try call.reply { try $0.pack(headers) }
        },
      ])
  }
}

/// Calls a ``RelayService``.
struct RelayClient: RPCServiceClient {
  let client: RPCClient
  var options: RPCCallOptions

  init(_ client: RPCClient, options: RPCCallOptions = RPCCallOptions()) {
    self.client = client
    self.options = options
  }

  private var remote: RPCRemote { client.remote.with { $0 = options } }

  func remaining() async throws -> Double { try await remote.remaining() }
  func wait(_ tag: String) async throws { let _: Int? = try await remote.relay(tag) }
  func sums(to limit: Int, pause: Double) async throws -> RPCStream<Int> {
    try await remote.sums.stream(limit, pause, of: Int.self)
  }
  func context() async throws -> [String: MessagePackValue] { try await remote.context() }
  func nested() async throws -> [String: MessagePackValue] { try await remote.nested() }
}
