internal import ArgumentParser
internal import MessagePack
internal import Synchronization
internal import ZeroRPC

/// Puts load on a service, and says how it bears it.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Call a method again and again, and report throughput, latencies and errors.",
    discussion: """
      The service may be of any language; the method and its arguments are written as for 'zrpc call'.
        zrpc bench tcp://127.0.0.1:4242 add 1 2
        zrpc bench tcp://127.0.0.1:4242 add 1 2 -n 100000 -c 64 --connections 4
        zrpc bench tcp://127.0.0.1:4242 add 1 2 --rate 5000 --duration 30 --json

      Without --rate the next call is made as soon as one is answered, so a slow service gets fewer calls. With --rate calls \
      are due at fixed times whatever the service does, and their latency counts from then: a stall shows in every call that it \
      delays (no coordinated omission). --in-flight then limits how many wait for their reply; the others wait for those. \
      Every call that was due is made, so a service that cannot keep up takes longer than --duration.

      Each connection makes one call first, which is not counted; if that fails nothing is measured. A call that is answered \
      with a stream ends with the stream. Latencies are those of the calls that were answered.

      While it runs, a terminal shows a line on the standard error. Ctrl-C ends it, and what was measured is reported. It exits \
      with 0 if all calls were answered, and with 1 if some were not.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "The name of the method.")
  var method: String

  @Argument(
    parsing: .allUnrecognized, help: ArgumentHelp("What the method is called with.", valueName: "args"))
  var arguments: [String] = []

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: ArgumentHelp("Make so many calls.", valueName: "calls"))
  var requests: UInt64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("End after this time; 10 unless --requests is given.", valueName: "seconds"))
  var duration: Double?

  @Option(
    name: [.customShort("c"), .long],
    parsing: .unconditional,
    help: ArgumentHelp("How many calls wait for their reply at most; 10, or 1000 with --rate.", valueName: "calls"))
  var inFlight: Int?

  @Option(help: ArgumentHelp("Over how many connections the calls go.", valueName: "connections"))
  var connections = 1

  @Option(
    name: [.customShort("r"), .long],
    parsing: .unconditional,
    help: ArgumentHelp("Make so many calls per second, whatever the replies do.", valueName: "calls"))
  var rate: Double?

  @Flag(help: "Print the result as one JSON object, with times in milliseconds.")
  var json = false

  func validate() throws {
    _ = try values
    if requests == 0 { throw ValidationError("--requests takes a number of calls from 1 on, not 0") }
    if let duration, !(duration > 0 && duration <= 1e6) {
      throw ValidationError("--duration takes seconds above 0 and up to 1e6, not \(duration)")
    }
    if let rate, !(rate > 0 && rate <= 1e7) {
      throw ValidationError("--rate takes calls per second above 0 and up to 1e7, not \(rate)")
    }
    guard (1...100_000).contains(connections) else {
      throw ValidationError("--connections takes a number from 1 to 100000, not \(connections)")
    }
    if connection.bind, connections > 1 {
      throw ValidationError("--bind goes with one connection: only one socket can listen at an endpoint")
    }
    guard (1...1_000_000).contains(plan.inFlight) else {
      throw ValidationError("--in-flight takes a number of calls from 1 to 1000000, not \(plan.inFlight)")
    }
    guard plan.inFlight >= connections else {
      throw ValidationError("--in-flight \(plan.inFlight) leaves some of the \(connections) connections without a call")
    }
  }

  private var values: [MessagePackValue] {
    get throws { try CallArguments(arguments, strict: false).values }
  }

  private var plan: BenchPlan {
    BenchPlan(
      requests: requests, seconds: duration ?? (requests == nil ? 10 : nil),
      inFlight: inFlight ?? max(rate == nil ? 10 : 1000, connections), rate: rate)
  }

  func run() async throws {
    let clients = try connect()
    defer { for client in clients { client.close() } }
    let arguments = try values
    let bench = Bench(plan, connections: connections) { [method] connection in
      let reply = try await clients[connection].callEither(method) { packer in
        packer.packArrayHeader(arguments.count)
        for argument in arguments { try argument.pack(into: &packer) }
      }
      guard case .stream(let items) = reply else { return nil }
      var count: UInt64 = 0
      for try await _ in items { count += 1 }
      return count
    }
    let result = Mutex<BenchResult?>(nil)
    let task = Task {
      try await greet(clients, arguments)
      let live = Task { await showProgress(of: bench) }
      let measured = await bench.run()
      live.cancel()
      await live.value
      result.withLock { $0 = measured }
    }
    do {
      try await Interruption.stopping(by: { task.cancel() }) { try await task.value }
      if let result = result.withLock({ $0 }) {
        let report = report(result)
        try StandardOutput.write(line: json ? report.json : report.text)
        if result.record.failed > 0 { throw ExitCode.failure }
      }
    } catch is CancellationError {
      throw ExitCode(130)
    } catch {
      try Failure.end(with: error)
    }
  }

  private func connect() throws -> [RPCClient] {
    DescriptorLimit.raise()
    do {
      let configuration = try connection.client.configuration
      return try (0..<connections).map { _ in
        let client = RPCClient(configuration: configuration)
        if connection.bind { try client.bind(connection.endpoint) } else { try client.connect(connection.endpoint) }
        return client
      }
    } catch {
      try Failure.end(with: error)
      return []
    }
  }

  /// Makes a call on every connection, so that they are there when it counts.
  private func greet(_ clients: [RPCClient], _ arguments: [MessagePackValue]) async throws {
    for client in clients {
      let reply = try await client.callEither(method) { packer in
        packer.packArrayHeader(arguments.count)
        for argument in arguments { try argument.pack(into: &packer) }
      }
      if case .stream(let items) = reply { for try await _ in items {} }
    }
  }

  private func showProgress(of bench: Bench) async {
    guard StandardError.isTerminal else { return }
    while (try? await Task.sleep(for: .milliseconds(500))) != nil {
      StandardError.showStatus(report(bench.progress).progressLine)
    }
    StandardError.showStatus("")
  }

  private func report(_ result: BenchResult) -> BenchReport {
    BenchReport(result: result, endpoint: connection.endpoint, method: method, connections: connections, plan: plan)
  }
}
