internal import ArgumentParser
internal import ZeroRPC

/// Says which service to talk to, and how long to wait for it.
struct ConnectionOptions: ParsableArguments {
  @Argument(help: "Where the service listens, as in tcp://127.0.0.1:4242 or ipc:///tmp/calculator.")
  var endpoint: String

  @Option(help: ArgumentHelp("Give up if nothing has come by then.", valueName: "seconds"))
  var timeout: Double = 30

  @Option(help: ArgumentHelp("The service's interval of heartbeats; 0 for none.", valueName: "seconds"))
  var heartbeat: Double = 5

  func validate() throws {
    // A Duration of many more seconds would overflow.
    guard timeout > 0, timeout <= 1e9 else {
      throw ValidationError("--timeout takes seconds above 0 and up to 1e9, not \(timeout)")
    }
    guard (0...1e9).contains(heartbeat) else {
      throw ValidationError("--heartbeat takes seconds from 0 to 1e9, not \(heartbeat)")
    }
  }

  /// Runs a command with a client of the service, and ends as the command line should when it fails.
  ///
  /// - Throws: `ExitCode`, after the reason has been printed.
  func withClient(_ body: @escaping @Sendable (RPCClient) async throws -> Void) async throws {
    var configuration = RPCClientConfiguration()
    configuration.timeout = .seconds(timeout)
    configuration.heartbeat = heartbeat == 0 ? nil : .seconds(heartbeat)
    do {
      try await Interruption.cancelling { [configuration] in
        try await withRPCClient(connectingTo: endpoint, configuration: configuration, body)
      }
    } catch {
      try Failure.end(with: error)
    }
  }
}
