internal import Foundation
package import ZeroRPC

/// Names a kind of endpoint, for parameterised tests.
package enum Transport: String, CaseIterable, Sendable {
  case inproc, ipc, tcp
  /// libzmq carries the messages at both ends, or at one of them.
  case tcpByLibzmq, tcpByLibzmqAtServer, tcpByLibzmqAtClient

  /// A fresh endpoint to bind to.
  package var endpoint: String {
    switch self {
    case .inproc: "inproc://\(UUID().uuidString)"
    case .ipc: "ipc:///tmp/zrpc-\(UUID().uuidString)"
    case .tcp, .tcpByLibzmq, .tcpByLibzmqAtServer, .tcpByLibzmqAtClient: "tcp://127.0.0.1:*"
    }
  }

  var serverEngine: RPCTransportOptions.Engine {
    self == .tcpByLibzmq || self == .tcpByLibzmqAtServer ? .libzmq : .automatic
  }

  var clientEngine: RPCTransportOptions.Engine {
    self == .tcpByLibzmq || self == .tcpByLibzmqAtClient ? .libzmq : .automatic
  }
}

/// Says what was left behind after a test.
package struct Leak: Error, CustomStringConvertible {
  package let description: String
}

/// Holds a running server, a client of it, and what its handlers wrote down.
package struct Harness: Sendable {
  package let server: RPCServer
  package let endpoint: String
  package let client: RPCClient
  package let journal: Journal

  /// The typed stub.
  package var specimen: SpecimenClient { SpecimenClient(client) }
  package var counter: CounterClient { CounterClient(client) }
}

/// Waits until nothing of any call is left on a client: no channel, timer, continuation or event.
package func expectNothingOpen(_ client: RPCClient, _ name: String = "client") async throws {
  do {
    try await eventually("nothing to be held", within: .seconds(20)) { client.openResources.isZero }
  } catch {
    throw Leak(description: "the \(name) still holds \(client.openResources)")
  }
}

/// Waits until nothing of any call is left on a server: no channel, timer, continuation, event, or task of a handler.
package func expectNothingOpen(_ server: RPCServer) async throws {
  do {
    try await eventually("nothing to be held", within: .seconds(20)) { server.openResources.isZero }
  } catch {
    throw Leak(description: "the server still holds \(server.openResources)")
  }
}

/// Runs a server for the duration of a closure; afterwards nothing may be open on it.
package func withServer<Result>(
  at endpoint: String = Transport.tcp.endpoint, services: [any RPCService]? = nil, journal: Journal = Journal(),
  _ configure: (inout RPCServerConfiguration) -> Void = { _ in },
  body: (_ server: RPCServer, _ endpoint: String) async throws -> Result
) async throws -> Result {
  var configuration = RPCServerConfiguration()
  configure(&configuration)
  let server = RPCServer(
    name: "Specimen", services: services ?? [SpecimenService(journal), CounterActor()], configuration: configuration)
  let real = try await server.bind(endpoint)
  let running = Task { try await server.run() }
  do {
    let result = try await body(server, real)
    try await expectNothingOpen(server)
    running.cancel()
    try await running.value
    // Now the tasks that waited for calls must end too.
    try await expectNothingOpen(server)
    return result
  } catch {
    running.cancel()
    _ = await running.result
    throw error
  }
}

/// Runs a server and a client of it for the duration of a closure; afterwards nothing may be open on either.
package func withHarness<Result>(
  _ transport: Transport = .tcp,
  server configureServer: (inout RPCServerConfiguration) -> Void = { _ in },
  client configureClient: (inout RPCClientConfiguration) -> Void = { _ in },
  _ body: (Harness) async throws -> Result
) async throws -> Result {
  let journal = Journal()
  let configure: (inout RPCServerConfiguration) -> Void = { configuration in
    configuration.transport.engine = transport.serverEngine
    configureServer(&configuration)
  }
  return try await withServer(at: transport.endpoint, journal: journal, configure) { server, endpoint in
    var configuration = RPCClientConfiguration()
    configuration.timeout = .seconds(60)
    configuration.transport.engine = transport.clientEngine
    configureClient(&configuration)
    return try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
      let result = try await body(Harness(server: server, endpoint: endpoint, client: client, journal: journal))
      try await expectNothingOpen(client)
      return result
    }
  }
}

/// Takes all items of a stream.
package func collect<Element>(_ stream: RPCStream<Element>) async throws -> [Element] {
  var items: [Element] = []
  for try await item in stream { items.append(item) }
  return items
}
