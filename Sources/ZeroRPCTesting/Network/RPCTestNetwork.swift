internal import Synchronization
public import ZeroMQ
public import ZeroRPC

/// Is a network in memory with a clock of its own, for tests of services: fast, and the same in every run.
///
/// ```swift
/// @Test func reminders() async throws {
///   try await withRPCTestNetwork { network in
///     try await network.serve(MyReminder(clock: network.clock))
///     let reminder = ReminderClient(try network.client())
///     #expect(try await reminder.remind(after: 86_400) == "now")       // takes no time
///   }
/// }
/// ```
///
/// Clients and servers are the real ones; only sockets, threads and time are not. There are no ports to choose, no sleeping and
/// no waiting: see ``RPCTestClock``. With a seed and faults it shows what a program does when the network is bad, and a run
/// that went wrong can be had again by its seed:
///
/// ```swift
/// @Test(arguments: 0..<1_000) func survives(seed: UInt64) async throws {
///   let faults = RPCFaults(loss: 0.02, duplication: 0.02, latency: .milliseconds(1) ... .milliseconds(20), reordering: 0.1)
///   try await withRPCTestNetwork(seed: seed, faults: faults) { network in … }
/// }
/// ```
///
/// Everything runs on one thread, one thing at a time: handlers, and the closure of ``withRPCTestNetwork(seed:faults:_:)``
/// unless an actor isolates it. With a seed, which of the things that are ready runs next is chosen by it, so that many seeds
/// try many orders. A run is the same as another of its seed if the code under test depends on nothing outside of the network:
/// no other clock, no `Task.detached`, no actor with an executor of its own, no random numbers.
public final class RPCTestNetwork: Sendable {
  /// Names a direction.
  public typealias Direction = RPCFaultyLink.Direction
  /// Counts what the network did.
  public typealias Counts = RPCFaultyLink.Counts

  /// Where servers listen and clients connect unless told otherwise.
  public static let endpoint = "memory://server"

  private struct State: Sendable {
    var clients: [RPCClient] = []
    var servers: [(server: RPCServer, running: Task<Void, any Error>)] = []
  }

  /// What decides the fates of messages, and the order of what runs.
  public let seed: UInt64
  /// The time of everything in the network.
  public let clock: RPCTestClock
  /// For configurations of clients and servers that the test makes itself. It has no other sockets than those of calls, and any
  /// endpoint is just a name in it.
  public let context: ZMQContext
  let wire: Wire
  private let state = Guarded(State())

  init(seed: UInt64?, faults: RPCFaults) {
    self.seed = seed ?? 0
    let order = seed.map { Dice(seed: $0) }
    let simulation = LoopSimulation(start: RPCTestClock.start, isAutomatic: true) { count in
      order?.roll(count) ?? 0
    }
    let wire = Wire(seed: self.seed)
    context = ZMQContext(simulation) { type throws(ZMQError) in try WireSocket(type, on: wire) }
    wire.attach(to: context.eventLoop)
    clock = RPCTestClock(context.eventLoop)
    self.wire = wire
    self.faults = faults
  }

  /// What runs everything in the network. `Task(executorPreference:)` with it starts a task that takes part, as child tasks of
  /// the test's closure do by themselves.
  public var executor: any TaskExecutor { context.eventLoop }

  // MARK: Servers and clients

  /// Starts a server of services. It runs until the network ends, or it is shut down.
  ///
  /// - Throws: what `RPCServer.bind` throws.
  @discardableResult
  public func serve(
    _ services: any RPCService..., at endpoint: String = RPCTestNetwork.endpoint,
    configuration: RPCServerConfiguration = RPCServerConfiguration()
  ) async throws -> RPCServer {
    var configuration = configuration
    configuration.context = context
    let server = RPCServer(services: services, configuration: configuration)
    try await server.bind(endpoint)
    run(server)
    return server
  }

  /// Runs a server that the test has made, with ``context``, until the network ends.
  public func run(_ server: RPCServer) {
    let loop = context.eventLoop
    let running = Task(executorPreference: loop) {
      try await SimulatedTask.$loop.withValue(loop) { try await server.run() }
    }
    state.withLock { $0.servers.append((server, running)) }
  }

  /// Waits until a server has stopped, after `beginGracefulShutdown()` for example.
  ///
  /// - Throws: what `RPCServer.run` throws.
  public func waitUntilStopped(_ server: RPCServer) async throws {
    try await state.withLock { $0.servers.first { $0.server === server }?.running }?.value
  }

  /// Makes a client, which closes when the network ends.
  ///
  /// - Throws: what `RPCClient.connect` throws.
  public func client(
    of endpoints: String..., configuration: RPCClientConfiguration = RPCClientConfiguration()
  ) throws -> RPCClient {
    var configuration = configuration
    configuration.context = context
    let client = RPCClient(configuration: configuration)
    for endpoint in endpoints.isEmpty ? [RPCTestNetwork.endpoint] : endpoints { try client.connect(endpoint) }
    state.withLock { $0.clients.append(client) }
    return client
  }

  /// Kills a server as SIGKILL does a process: its connections break, what it had not sent is lost, and nothing of it is heard
  /// again. Its handlers are cancelled, and what they answer reaches nobody. Another one may be started at the same endpoint.
  public func kill(_ server: RPCServer) async {
    for endpoint in server.endpoints { wire.kill(endpoint) }
    let running = state.withLock { $0.servers.first { $0.server === server }?.running }
    running?.cancel()
    _ = await running?.result
  }

  /// Ends everything.
  func end() async {
    let (clients, servers) = state.withLock { state in
      defer { state = State() }
      return (state.clients, state.servers)
    }
    for client in clients { client.close() }
    for (_, running) in servers { running.cancel() }
    for (_, running) in servers { _ = await running.result }
    // An observer may hold the network.
    wire.change { $0.observer = nil }
  }
}

/// Chooses what runs next.
private final class Dice: Sendable {
  private let random: Mutex<SplitMix64>

  init(seed: UInt64) { random = Mutex(SplitMix64(state: seed)) }

  func roll(_ count: Int) -> Int { count < 2 ? 0 : random.withLock { Int($0.nextUnit() * Double(count)) } }
}

/// Makes a network in memory for a test, passes it to a closure, and ends what was started in it when that returns or throws.
///
/// - Parameters:
///   - seed: what decides the fates of messages and the order in which things run. Print it when a test fails, to have the same
///     run again. Without one, things run in the order in which they became ready.
///   - faults: what happens to messages, in both directions; nothing unless given.
///   - body: the test; it gets the network.
/// - Throws: what the closure throws.
public func withRPCTestNetwork<Result>(
  seed: UInt64? = nil, faults: RPCFaults = RPCFaults(), _ body: (RPCTestNetwork) async throws -> Result
) async throws -> Result {
  let network = RPCTestNetwork(seed: seed, faults: faults)
  let loop = network.context.eventLoop
  defer { loop.stopSimulation() }
  return try await withTaskExecutorPreference(loop) {
    // From here on the closure runs on the loop; before that it would be somewhere else until it waits for the first time.
    await Task.yield()
    return try await SimulatedTask.$loop.withValue(loop) {
      do {
        let result = try await body(network)
        await network.end()
        return result
      } catch {
        await network.end()
        throw error
      }
    }
  }
}
