internal import ArgumentParser
internal import ZeroMQ
internal import ZeroRPC
internal import ZeroRPCBroker

/// Runs a broker between clients and several servers.
struct BrokerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker",
    abstract: "Spread the calls of zerorpc clients over several servers.",
    discussion: """
      Clients connect to the frontends. Workers are zerorpc servers, unchanged: --backend connects to a server that is bound, \
      --backend-bind listens for servers that connect. Every call stays on one worker until it ends, so that streams and long \
      calls work. Put between running peers, it binds the endpoint that the server leaves.

        zrpc broker --frontend tcp://*:4242 \\
          --backend tcp://10.0.0.1:4242 --backend tcp://10.0.0.2:4242

      Policies: round-robin takes turns; least-loaded prefers who has the fewest open calls; credit gives nobody more than \
      --credit calls at once and lets the others wait, in the order in which they came.

      Each endpoint is printed when it is in use. SIGTERM or Ctrl-C ends the broker once no call is open; a second one ends \
      it at once. The exit status is then 0, and 64 if an endpoint or an option is wrong.
      """)

  @Option(name: .long, help: ArgumentHelp("Listen for clients here; may be repeated.", valueName: "endpoint"))
  var frontend: [String] = []

  @Option(name: .long, help: ArgumentHelp("Connect to a worker here; may be repeated.", valueName: "endpoint"))
  var backend: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("Listen for workers that connect here; may be repeated.", valueName: "endpoint"))
  var backendBind: [String] = []

  @Option(help: "Who gets the next call: round-robin, least-loaded or credit.")
  var policy: PolicyName = .roundRobin

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With the policy credit: how many calls a worker has at most.", valueName: "calls"))
  var credit: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many calls wait at most while no worker is free.", valueName: "calls"))
  var queue: Int = RPCBrokerConfiguration().queueLimit

  @Option(
    help: ArgumentHelp(
      "The file of the broker's own CURVE keys, as 'zrpc keygen' makes it: clients must encrypt, and know its public key.",
      valueName: "file"))
  var frontendKeyFile: String?

  @Option(
    help: ArgumentHelp(
      "The workers' public CURVE key, or a file that holds it; encrypts, and accepts no other workers.",
      valueName: "key or file"))
  var backendServerKey: String?

  @Option(
    help: ArgumentHelp(
      "The file of the CURVE keys that the broker shows to workers; random ones without.", valueName: "file"))
  var backendKeyFile: String?

  @Option(help: ArgumentHelp("Answer 'zrpc top' here; may be repeated.", valueName: "endpoint"))
  var control: [String] = []

  /// Names the policies as the command line does.
  enum PolicyName: String, ExpressibleByArgument, CaseIterable {
    case roundRobin = "round-robin"
    case leastLoaded = "least-loaded"
    case credit
  }

  func validate() throws {
    guard !frontend.isEmpty else { throw ValidationError("Missing --frontend: say where clients connect to.") }
    guard !backend.isEmpty || !backendBind.isEmpty else {
      throw ValidationError("Missing --backend or --backend-bind: say where the workers are.")
    }
    guard policy == .credit || credit == nil else {
      throw ValidationError("--credit goes with --policy credit, not with --policy \(policy.rawValue)")
    }
    if let credit, credit < 1 { throw ValidationError("--credit takes a number of calls from 1 on, not \(credit)") }
    if backendKeyFile != nil, backendServerKey == nil {
      throw ValidationError("--backend-key-file needs the workers' key too: give --backend-server-key")
    }
    guard queue >= 0 else { throw ValidationError("--queue takes a number of calls from 0 on, not \(queue)") }
  }

  func run() async throws {
    do { try await serve() } catch { try Failure.end(with: error) }
  }

  private func serve() async throws {
    DescriptorLimit.raise()
    var configuration = RPCBrokerConfiguration()
    configuration.queueLimit = queue
    configuration.policy =
      switch policy {
      case .roundRobin: .roundRobin
      case .leastLoaded: .leastLoaded
      case .credit: .credit(credit ?? 1)
      }
    if let frontendKeyFile {
      configuration.frontend.security = .curveServer(try ZMQCurveKeyPair(contentsOf: frontendKeyFile).secretKey)
    }
    configuration.backend.security = try .curve(serverKey: backendServerKey, keyFile: backendKeyFile)
    let broker = try RPCBroker(configuration: configuration)
    // Workers first: whoever gets through to the frontend is served.
    for endpoint in backend {
      try broker.connectBackend(endpoint)
      try StandardOutput.write(line: "backend connects to \(endpoint)")
    }
    for endpoint in backendBind {
      let real = try await broker.bindBackend(endpoint)
      try StandardOutput.write(line: "backend listens at \(real)")
    }
    for endpoint in control {
      let real = try await broker.bindControl(endpoint)
      try StandardOutput.write(line: "control listens at \(real)")
    }
    for endpoint in frontend {
      let real = try await broker.bindFrontend(endpoint)
      try StandardOutput.write(line: "frontend listens at \(real)")
    }
    try await Interruption.stopping(by: { broker.beginGracefulShutdown() }) { try await broker.run() }
  }
}
