internal import ArgumentParser
internal import MessagePack
internal import ZeroRPC

/// Does what the command `zerorpc` of Python does, with its options and its output.
struct PythonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zerorpc",
    abstract: "Call or list as Python's zerorpc command does, with its options and output.",
    discussion: """
      This is what zrpc does with an endpoint in place of a command:
        zrpc tcp://127.0.0.1:4242                     list the methods
        zrpc tcp://127.0.0.1:4242 greet Ada           call one
        zrpc --inspect tcp://127.0.0.1:4242           list their signatures
        zrpc --inspect tcp://127.0.0.1:4242 greet     describe one
        zrpc -j -pj tcp://127.0.0.1:4242 add 1 2      with JSON both ways
        zrpc --bind tcp://*:4242 greet Ada            a service that connects

      As there, every argument is a string unless --json says that they are JSON, results are printed as Python writes them, \
      and heartbeats begin with the server's first. 'zrpc call' tells numbers from words by itself, and prints JSON.

      With --print-json a stream is one list. What JSON cannot say is written as 'zrpc call --help' shows.
      """)

  @Option(name: .customLong("connect"), help: ArgumentHelp("Connect here; may be repeated.", valueName: "endpoint"))
  var connections: [String] = []

  @Option(
    name: .customLong("bind"), help: ArgumentHelp("Listen here for a service; may be repeated.", valueName: "endpoint"))
  var bindings: [String] = []

  @Flag(name: .shortAndLong, help: "The arguments are JSON.")
  var json = false

  @Flag(
    name: [.customLong("print-json"), .customLong("pj", withSingleDash: true)], help: "Print the result as JSON.")
  var printJSON = false

  @Flag(
    name: [.customLong("inspect"), .customShort("?")],
    help: "Print the signature and the documentation of the method, or the signatures of all.")
  var inspect = false

  @Flag(name: .customLong("active-hb"), help: "Send heartbeats before the server has sent its first.")
  var activeHeartbeat = false

  @OptionGroup var client: ClientOptions

  // It is the default with Python, too.
  @Flag(name: .customLong("client"), help: .hidden)
  var isClient = false

  @Flag(name: .customLong("server"), help: .hidden)
  var isServer = false

  @Option(name: .customLong("pool-size"), help: .hidden)
  var poolSize: String?

  // Takes what looks like an option too, or -5 would be one.
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "The endpoint, unless --connect or --bind has one; the method; and what it is called with.",
      valueName: "endpoint method args"))
  var words: [String] = []

  /// What is to be done: the endpoints, and what stands behind them.
  struct Request {
    var connections: [String]
    var method: String?
    var arguments: [MessagePackValue]
  }

  func validate() throws {
    guard !isServer, poolSize == nil else {
      throw ValidationError(
        "\(isServer ? "--server" : "--pool-size") is for modules of Python, which zrpc cannot load. A Swift service is a "
          + "program of its own (see the README), and a module of Python is served by 'zerorpc --server'.")
    }
    if words.isEmpty, connections.isEmpty, bindings.isEmpty { throw CleanExit.helpRequest(ZrpcCommand.self) }
    _ = try request
  }

  var request: Request {
    get throws {
      var words = try CallArguments.plain(words)
      var connections = connections
      if connections.isEmpty, bindings.isEmpty {
        guard let endpoint = words.first else {
          throw ValidationError("Missing an endpoint, as in tcp://127.0.0.1:4242")
        }
        guard endpoint.contains("://") else {
          throw ValidationError(
            "'\(endpoint)' is neither a command nor an endpoint, which looks like tcp://127.0.0.1:4242; 'zrpc --help' lists "
              + "the commands, whose options stand behind them")
        }
        connections.append(words.removeFirst())
      }
      let method = words.isEmpty ? nil : words.removeFirst()
      let values = try json ? CallArguments(plain: words, strict: true).values : words.map { .string($0) }
      return Request(connections: connections, method: method, arguments: values)
    }
  }

  func run() async throws {
    let request = try request
    try await client.withClient(
      try configuration,
      attaching: { [bindings] client in
        for endpoint in bindings {
          StandardError.write(line: "binding to \"\(endpoint)\"")
          try client.bind(endpoint)
        }
        for endpoint in request.connections {
          StandardError.write(line: "connecting to \"\(endpoint)\"")
          try client.connect(endpoint)
        }
      }
    ) { client in
      guard let method = request.method, !inspect else {
        let inspection = PythonInspection(service: try await ServiceDescription(asking: client))
        return try StandardOutput.write(
          line: request.method.map(inspection.details) ?? inspection.list(withSignatures: inspect))
      }
      try await call(method, with: request.arguments, client)
    }
  }

  private var configuration: RPCClientConfiguration {
    get throws {
      var configuration = try client.configuration
      configuration.passiveHeartbeat = !activeHeartbeat
      return configuration
    }
  }

  private func call(_ method: String, with arguments: [MessagePackValue], _ client: RPCClient) async throws {
    let reply = try await client.callEither(method) { packer in
      packer.packArrayHeader(arguments.count)
      for argument in arguments { try argument.pack(into: &packer) }
    }
    switch (reply, printJSON) {
    case (.value(let value), false): try StandardOutput.write(line: PythonPrinter.format(value))
    case (.stream(let items), false):
      for try await item in items { try StandardOutput.write(line: PythonPrinter.format(item)) }
    case (.value(let value), true): try StandardOutput.write(text: PythonJSON.format(value) + lineEnd)
    case (.stream(let items), true):
      var separator = "["
      for try await item in items {
        try StandardOutput.write(text: separator + PythonJSON.format(item))
        separator = ","
      }
      try StandardOutput.write(text: (separator == "[" ? "[" : "") + "]" + lineEnd)
    }
  }

  /// Python ends JSON without a line feed, which would leave a terminal's prompt behind it.
  private var lineEnd: String { StandardOutput.isTerminal ? "\n" : "" }
}
