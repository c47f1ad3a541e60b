package import ZeroRPC
package import ZeroRPCTesting

/// Holds a server and a client of it on a network in memory, and what its handlers wrote down. Time passes by itself while
/// everything waits, so time-outs of hours cost nothing and come exactly.
package struct SimulatedHarness: Sendable {
  package let network: RPCTestNetwork
  package let server: RPCServer
  package let client: RPCClient
  package let journal: Journal

  /// The typed stub.
  package var specimen: SpecimenClient { SpecimenClient(client) }

  /// The time that has passed since the test began.
  package var elapsed: Duration { network.clock.now.elapsed }

  /// Lets everything happen that can happen now.
  package func settle() async { await network.clock.advance(by: .zero) }
}

/// Runs a server and a client of it on a network in memory; afterwards nothing may be open on either.
package func withSimulatedHarness<Result>(
  server configureServer: (inout RPCServerConfiguration) -> Void = { _ in },
  client configureClient: (inout RPCClientConfiguration) -> Void = { _ in },
  _ body: (SimulatedHarness) async throws -> Result
) async throws -> Result {
  try await withRPCTestNetwork { network in
    let journal = Journal()
    var serverConfiguration = RPCServerConfiguration()
    configureServer(&serverConfiguration)
    var configuration = RPCClientConfiguration()
    configuration.timeout = .seconds(60)
    configureClient(&configuration)
    let server = try await network.serve(
      SpecimenService(journal, clock: network.clock), configuration: serverConfiguration)
    let client = try network.client(configuration: configuration)
    let harness = SimulatedHarness(network: network, server: server, client: client, journal: journal)
    let result = try await body(harness)
    await harness.settle()
    guard client.openResources.isZero else { throw Leak(description: "the client still holds \(client.openResources)") }
    guard server.openResources.isZero else { throw Leak(description: "the server still holds \(server.openResources)") }
    return result
  }
}
