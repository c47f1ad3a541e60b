internal import ArgumentParser
internal import Logging
internal import ZeroMQ
internal import ZeroRPC

/// Says how to talk to a service: what every command shares that calls one.
struct ClientOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("Give up if nothing has come by then.", valueName: "seconds"))
  var timeout: Double = 30

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The service's interval of heartbeats; 0 for none.", valueName: "seconds"))
  var heartbeat: Double = 5

  @Option(
    help: ArgumentHelp(
      "The server's public CURVE key, or a file that holds it; encrypts, and accepts no other server.",
      valueName: "key or file"),
    completion: .file())
  var serverKey: String?

  @Option(
    help: ArgumentHelp(
      "The file of this client's own CURVE keys, as 'zrpc keygen' makes it; random ones without.",
      valueName: "file"),
    completion: .file())
  var curveKeyFile: String?

  @Flag(name: .shortAndLong, help: "Say on the standard error which calls fail, and why.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Say on the standard error which events are sent and received, too.")
  var debug = false

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

  /// The configuration of a client.
  ///
  /// - Throws: `ZMQError` if a key cannot be read.
  var configuration: RPCClientConfiguration {
    get throws {
      var configuration = RPCClientConfiguration()
      configuration.timeout = .seconds(timeout)
      configuration.heartbeat = heartbeat == 0 ? nil : .seconds(heartbeat)
      if debug || verbose {
        let level: Logger.Level = debug ? .trace : .debug
        configuration.logger = Logger(label: "zrpc") { _ in EventLog(level) }
      }
      configuration.transport.security = try .curve(serverKey: serverKey, keyFile: curveKeyFile)
      return configuration
    }
  }

  /// Runs a command with a client, and ends as the command line should when it fails.
  ///
  /// - Parameter attach: gives the client its endpoints.
  /// - Throws: `ExitCode`, after the reason has been printed.
  func withClient(
    _ configuration: @autoclosure () throws -> RPCClientConfiguration,
    attaching attach: @escaping @Sendable (RPCClient) throws -> Void,
    _ body: @escaping @Sendable (RPCClient) async throws -> Void
  ) async throws {
    do {
      let configuration = try configuration()
      try await Interruption.cancelling {
        let client = RPCClient(configuration: configuration)
        defer { client.close() }
        try attach(client)
        try await body(client)
      }
    } catch {
      try Failure.end(with: error)
    }
  }
}
