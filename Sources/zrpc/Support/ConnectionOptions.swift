internal import ArgumentParser
internal import ZeroMQ
internal import ZeroRPC

/// Says which service to talk to, and how long to wait for it.
struct ConnectionOptions: ParsableArguments {
  @Argument(help: "Where the service listens, as in tcp://127.0.0.1:4242 or ipc:///tmp/calculator.")
  var endpoint: String

  @Option(help: ArgumentHelp("Give up if nothing has come by then.", valueName: "seconds"))
  var timeout: Double = 30

  @Option(help: ArgumentHelp("The service's interval of heartbeats; 0 for none.", valueName: "seconds"))
  var heartbeat: Double = 5

  @Option(
    help: ArgumentHelp(
      "The server's public CURVE key, or a file that holds it; encrypts, and accepts no other server.",
      valueName: "key or file"))
  var serverKey: String?

  @Option(
    help: ArgumentHelp(
      "The file of this client's own CURVE keys, as 'zrpc keygen' makes it; random ones without.",
      valueName: "file"))
  var curveKeyFile: String?

  func validate() throws {
    if curveKeyFile != nil, serverKey == nil {
      throw ValidationError("--curve-key-file needs the server's key too: give --server-key")
    }
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
      configuration.transport.security = try .curve(serverKey: serverKey, keyFile: curveKeyFile)
      try await Interruption.cancelling { [configuration] in
        try await withRPCClient(connectingTo: endpoint, configuration: configuration, body)
      }
    } catch {
      try Failure.end(with: error)
    }
  }
}
