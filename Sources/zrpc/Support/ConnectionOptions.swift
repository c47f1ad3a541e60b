internal import ArgumentParser
internal import ZeroRPC

/// Says which service to talk to, and how.
struct ConnectionOptions: ParsableArguments {
  @Argument(help: "Where the service listens, as in tcp://127.0.0.1:4242 or ipc:///tmp/calculator.")
  var endpoint: String

  @Flag(help: "Listen at the endpoint, for a service that connects to it.")
  var bind = false

  @OptionGroup var client: ClientOptions

  /// Runs a command with a client of the service, and ends as the command line should when it fails.
  ///
  /// - Throws: `ExitCode`, after the reason has been printed.
  func withClient(_ body: @escaping @Sendable (RPCClient) async throws -> Void) async throws {
    try await client.withClient(
      try client.configuration,
      attaching: { [bind, endpoint] client in
        if bind { try client.bind(endpoint) } else { try client.connect(endpoint) }
      }, body)
  }
}
