import MessagePack
import TestSupport
import Testing
import ZeroRPC
import ZeroRPCBroker

/// Runs a broker for the duration of a closure; afterwards no channel may be open on it, and nothing of a call waits.
func withBroker<Result>(
  backends: [String] = [], frontend: String = Transport.tcp.endpoint,
  _ configure: (inout RPCBrokerConfiguration) -> Void = { _ in },
  _ body: (_ broker: RPCBroker, _ frontend: String) async throws -> Result
) async throws -> Result {
  var configuration = RPCBrokerConfiguration()
  configure(&configuration)
  let broker = try RPCBroker(configuration: configuration)
  for backend in backends { try broker.connectBackend(backend) }
  let endpoint = try await broker.bindFrontend(frontend)
  let running = Task { try await broker.run() }
  defer { running.cancel() }
  let result = try await body(broker, endpoint)
  try await expectEveryChannelForgotten(broker)
  running.cancel()
  try await running.value
  return result
}

/// Waits until a broker has no channel open.
func expectEveryChannelForgotten(_ broker: RPCBroker) async throws {
  do {
    try await eventually("no open channels", within: .seconds(20)) { broker.statistics.channels == 0 }
  } catch {
    throw NeverHappened("the broker still has \(broker.statistics)")
  }
}

/// Waits until a number of a broker's workers are up.
func expectWorkers(_ count: Int, _ broker: RPCBroker) async throws {
  try await eventually("\(count) workers that are up", within: .seconds(20)) {
    broker.statistics.workers.count { $0.state == "up" } == count
  }
}

/// Makes calls, a number of them at a time; throws if one fails.
func makeCalls(_ count: Int, atOnce: Int, _ client: RPCClient) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    for part in 0..<atOnce {
      group.addTask {
        for number in stride(from: part, to: count, by: atOnce) {
          let sum: Int = try await client.remote.add(number, 1)
          guard sum == number + 1 else { throw NeverHappened("\(number) + 1 was \(sum)") }
        }
      }
    }
    try await group.waitForAll()
  }
}

/// Starts Python servers and runs a closure with their endpoints.
func withPythonServers<Result>(
  _ count: Int, heartbeat: Double = 5, options: String = "",
  _ body: (_ servers: [PythonPeer], _ endpoints: [String]) async throws -> Result
) async throws -> Result {
  let servers = try (0..<count).map { _ in try PythonPeer() }
  defer { for server in servers { server.kill() } }
  var endpoints: [String] = []
  for server in servers {
    try await server.run(
      """
      service.seen = 0
      def add(a, b):
          service.seen += 1
          return a + b
      service.add = add
      endpoint = serve(heartbeat=\(heartbeat)\(options))
      """)
    endpoints.append(try await server.string("endpoint"))
  }
  return try await body(servers, endpoints)
}
