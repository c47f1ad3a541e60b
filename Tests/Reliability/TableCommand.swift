internal import ArgumentParser
internal import Foundation
internal import ZeroRPC

/// Runs every experiment and prints the table of faults.
struct TableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Inject each fault in turn and print what was expected, what was seen, and the counts.")

  @Option(help: "Only the experiments whose name contains this.")
  var only: String?

  @Option(help: ArgumentHelp("How long the overload lasts.", valueName: "seconds"))
  var overload = 60

  func run() async throws {
    print("| fault | what was running | expected | seen | calls |")
    print("|---|---|---|---|---|")
    var hasFailed = false
    for experiment in Experiment.all(overloadSeconds: overload) where only.map(experiment.fault.contains) ?? true {
      do {
        let result = try await experiment.run()
        hasFailed = hasFailed || !result.isExpected
        print(
          "| \(experiment.fault) | \(experiment.running) | \(experiment.expected) "
            + "| \(result.isExpected ? "" : "**NOT AS EXPECTED:** ")\(result.seen) | \(result.counts) |")
      } catch {
        hasFailed = true
        print("| \(experiment.fault) | \(experiment.running) | \(experiment.expected) | **FAILED:** \(error) | |")
      }
      fflush(nil)
    }
    if hasFailed { throw ExitCode.failure }
  }
}

/// Is one fault with what it is done to and what must come of it.
struct Experiment: Sendable {
  struct Result: Sendable {
    var isExpected: Bool
    var seen: String
    var counts: String
  }

  let fault: String
  let running: String
  let expected: String
  let run: @Sendable () async throws -> Result

  /// What a call may end with when its peer or the network fails.
  static let faultErrors: Set<String> = ["lostPeer", "timeout", "cancelled"]

  /// Says whether every call was accounted for, with no other error than these.
  static func areOnly(_ errors: Set<String>, _ counts: Ledger.Counts) -> Bool {
    counts.lost == 0 && counts.wrong == 0 && Set(counts.failed.keys).isSubset(of: errors) && counts.answered > 0
  }
}

extension Experiment {
  static func all(overloadSeconds: Int) -> [Experiment] {
    [
      killServer, killServerOfRetriers, stopGracefully, pauseServer(seconds: 0.4, isLost: false),
      pauseServer(seconds: 4, isLost: true),
      pauseClient, killClient, silentNetwork, flappingNetwork, deafClient, largeRequests, descriptors, addressInUse,
      overload(seconds: overloadSeconds),
    ]
  }

  /// A server behind a fixed port, with the load of a number of clients.
  private static func withLoad(
    _ options: [String] = [], viaRelay: Bool = false, clients: Int = 2, mix: [Load.Kind] = Load.everything,
    timeout: Duration = .seconds(3), retry: RPCRetry? = nil,
    _ body: (Child, Relay?, String) async throws -> Void
  ) async throws -> Ledger.Counts {
    let port = try TCP.freePort()
    let server = try await Child(["serve", "tcp://127.0.0.1:\(port)"] + options)
    let relay = viaRelay ? try Relay(to: port) : nil
    defer { relay?.close() }
    let endpoint = relay?.endpoint ?? "tcp://127.0.0.1:\(port)"
    let ledger = Ledger()
    let loads = try (0..<clients).map { _ in
      try Load(endpoint, workers: 8, ledger, mix: mix, timeout: timeout, retry: retry)
    }
    try await Task.sleep(for: .seconds(1))
    do {
      try await body(server, relay, endpoint)
    } catch {
      for load in loads { await load.stop() }
      throw error
    }
    let before = ledger.counts.answered
    try await Task.sleep(for: .seconds(2))
    let after = ledger.counts.answered
    for load in loads { await load.stop() }
    guard after > before + 100 else { throw Trouble("the service did not come back: \(ledger.counts.line)") }
    return ledger.counts
  }

  private static func result(_ counts: Ledger.Counts, allowing errors: Set<String>, _ seen: String = "") -> Result {
    let failures = counts.failed.keys.filter { $0 != "cancelled" }.sorted()
    let text = failures.isEmpty ? "no call failed" : "some calls ended with \(failures.joined(separator: ", "))"
    return Result(
      isExpected: areOnly(errors, counts), seen: seen.isEmpty ? text + "; service came back" : seen, counts: counts.line
    )
  }

  static let killServer = Experiment(
    fault: "SIGKILL of the server, three times, and a new one in its place", running: "2 clients, 16 calls at a time",
    expected: "only calls in flight fail, by lostPeer or timeout; the rest is answered by the new server"
  ) {
    let counts = try await withLoad { server, _, _ in
      for _ in 0..<3 {
        try await server.restart()
        try await Task.sleep(for: .seconds(3))
      }
    }
    return result(counts, allowing: faultErrors)
  }

  static let killServerOfRetriers = Experiment(
    fault: "SIGKILL and SIGTERM of the server, twice each, and a new one in its place",
    running: "2 clients with `RPCRetry`, 16 calls of idempotent methods without streams at a time",
    expected: "no call fails"
  ) {
    let mix: [Load.Kind] = [.echo, .echo, .echo, .work, .blob]
    let counts = try await withLoad(mix: mix, timeout: .seconds(20), retry: RPCRetry()) { server, _, _ in
      for signal in [SIGKILL, SIGTERM, SIGKILL, SIGTERM] {
        try await server.restart(by: signal)
        try await Task.sleep(for: .seconds(3))
      }
    }
    return result(counts, allowing: [])
  }

  static let stopGracefully = Experiment(
    fault: "SIGTERM of the server, three times, and a new one in its place", running: "2 clients, 16 calls at a time",
    expected: "calls in flight are answered; new ones are refused by ServerShuttingDown, or wait for the new server"
  ) {
    let counts = try await withLoad { server, _, _ in
      for _ in 0..<3 {
        try await server.restart(by: SIGTERM)
        try await Task.sleep(for: .seconds(3))
      }
    }
    return result(counts, allowing: faultErrors.union(["ServerShuttingDown"]))
  }

  static func pauseServer(seconds: Double, isLost: Bool) -> Experiment {
    Experiment(
      fault: "SIGSTOP of the server, SIGCONT after \(seconds) s", running: "2 clients, 16 calls at a time",
      expected: isLost ? "calls in flight end by lostPeer or timeout, then all goes on" : "no call fails"
    ) {
      let counts = try await withLoad { server, _, _ in
        server.signal(SIGSTOP)
        try await Task.sleep(for: .seconds(seconds))
        server.signal(SIGCONT)
        try await Task.sleep(for: .seconds(2))
      }
      return result(counts, allowing: isLost ? faultErrors : ["cancelled"])
    }
  }

  /// Handlers of clients that are stopped or killed are cancelled, and other clients notice nothing.
  private static func clientGoes(_ number: Int32) async throws -> Result {
    let remaining = Ledger()
    let counts = try await withLoad { _, _, endpoint in
      let child = try await Child(["load", endpoint, "--workers", "50"])
      try await Task.sleep(for: .seconds(1))
      child.signal(number)
      let client = try Load.client(endpoint)
      defer { client.close() }
      // Those of the standing clients come and go, at most a few at a time.
      var running = Int.max
      for _ in 0..<100 where running > 12 {
        try await Task.sleep(for: .milliseconds(100))
        running = try await client.remote.running()
      }
      await remaining.call { running <= 12 }
      child.signal(SIGCONT)
      child.signal(SIGKILL)
    }
    let areGone = remaining.counts.answered == 1
    return Result(
      isExpected: areGone && areOnly(["cancelled"], counts),
      seen: areGone ? "its handlers ended, nobody else's call failed" : "its handlers go on", counts: counts.line)
  }

  static let pauseClient = Experiment(
    fault: "SIGSTOP of a client with 50 calls open", running: "2 other clients, 16 calls at a time",
    expected: "its handlers are cancelled, no call of the others fails"
  ) { try await clientGoes(SIGSTOP) }

  static let killClient = Experiment(
    fault: "SIGKILL of a client with 50 calls open", running: "2 other clients, 16 calls at a time",
    expected: "its handlers are cancelled, no call of the others fails"
  ) { try await clientGoes(SIGKILL) }

  static let silentNetwork = Experiment(
    fault: "half-open TCP: a relay goes silent for 3 s, then its connections are cut",
    running: "2 clients through the relay, 16 calls at a time",
    expected: "calls in flight end by lostPeer or timeout; new connections work"
  ) {
    let counts = try await withLoad(viaRelay: true) { _, relay, _ in
      relay?.mode = .silent
      try await Task.sleep(for: .seconds(3))
      relay?.mode = .passing
      relay?.cut()
      try await Task.sleep(for: .seconds(2))
    }
    return result(counts, allowing: faultErrors)
  }

  static let flappingNetwork = Experiment(
    fault: "the connection is cut each 100 ms for 10 s", running: "2 clients through the relay, 16 calls at a time",
    expected: "every call ends: answered, or by lostPeer or timeout"
  ) {
    let counts = try await withLoad(viaRelay: true) { _, relay, _ in
      for _ in 0..<100 {
        relay?.cut()
        try await Task.sleep(for: .milliseconds(100))
      }
      try await Task.sleep(for: .seconds(3))
    }
    return result(counts, allowing: faultErrors)
  }

  static let deafClient = Experiment(
    fault: "a client with answers of 100 kB under way stops reading (SIGSTOP)",
    running: "2 other clients, 16 calls at a time",
    expected: "the server's memory stays within bounds, no call of the others fails"
  ) {
    let growth = Ledger()
    let counts = try await withLoad { _, _, endpoint in
      let client = try Load.client(endpoint)
      defer { client.close() }
      let before: Int = try await client.remote.memory()
      let child = try await Child(["load", endpoint, "--workers", "200", "--method", "blobs"])
      try await Task.sleep(for: .seconds(1))
      child.signal(SIGSTOP)
      try await Task.sleep(for: .seconds(4))
      let after: Int = try await client.remote.memory()
      await growth.call { after - before < 150_000 }
      child.signal(SIGCONT)
      child.signal(SIGKILL)
    }
    let isBounded = growth.counts.answered == 1
    return Result(
      isExpected: isBounded && areOnly(["cancelled"], counts),
      seen: isBounded ? "less than 150 MB on top, nobody else's call failed" : "memory grew without bound",
      counts: counts.line)
  }

  static let largeRequests = Experiment(
    fault: "300 requests of 1 MB at once, where 32 MB may wait and 4 handlers run",
    running: "a flooding client beside an idle one that asks for the server's memory",
    expected: "what is too much is refused by ServerOverloaded; the server's memory stays within bounds"
  ) {
    let port = try TCP.freePort()
    let server = try await Child([
      "serve", "tcp://127.0.0.1:\(port)", "--handlers", "4", "--queued-bytes", "\(32 << 20)",
    ])
    defer { server.signal(SIGKILL) }
    let client = try Load.client("tcp://127.0.0.1:\(port)", timeout: .seconds(20))
    let other = try Load.client("tcp://127.0.0.1:\(port)", timeout: .seconds(20))
    defer { [client, other].forEach { $0.close() } }
    let before: Int = try await other.remote.memory()
    let ledger = Ledger()
    let request = String(repeating: "x", count: 1_000_000)
    let most = try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<300 {
        group.addTask {
          await ledger.call {
            let count: Int = try await client.remote.digest(request)
            return count == 1_000_000
          }
        }
      }
      var most = before
      while ledger.counts.ended < 300 { most = max(most, try await other.remote.memory()) }
      try await group.waitForAll()
      return most
    }
    let counts = ledger.counts
    let isBounded = most - before < 300_000
    return Result(
      isExpected: isBounded && areOnly(["ServerOverloaded"], counts) && counts.failed["ServerOverloaded"] ?? 0 > 0,
      seen: "at most \((most - before) / 1_000) MB on top; \(counts.answered) answered", counts: counts.line)
  }

  static let descriptors = Experiment(
    fault: "the server's file descriptors are exhausted (limit 64, 200 connections)",
    running: "2 clients, 16 calls at a time",
    expected: "standing connections go on; others get in once descriptors are free"
  ) {
    let counts = try await withLoad(["--descriptors", "64"]) { _, _, endpoint in
      guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else { return }
      let connections = (0..<200).map { _ in TCP.connect(port) }
      try await Task.sleep(for: .seconds(3))
      for connection in connections where connection >= 0 { TCP.close(connection) }
      let client = try Load.client(endpoint)
      defer { client.close() }
      let end = ContinuousClock.now + .seconds(20)
      var answer = ""
      while answer.isEmpty {
        do { answer = try await client.remote.echo("late") } catch let error as RPCError {
          if ContinuousClock.now > end { throw error }
        }
      }
    }
    return result(counts, allowing: ["cancelled"], "no call failed; a late client got in afterwards")
  }

  static let addressInUse = Experiment(
    fault: "a second server binds to the same address", running: "2 clients, 16 calls at a time",
    expected: "it ends with an error that names the address; the first one goes on"
  ) {
    let counts = try await withLoad { _, _, endpoint in
      var hasStarted = false
      do {
        let second = try await Child(["serve", endpoint])
        hasStarted = !(await second.waitForEnd(seconds: 2))
      } catch is Trouble {}
      if hasStarted { throw Trouble("two servers have one address") }
    }
    return result(counts, allowing: ["cancelled"], "it ended; no call to the first one failed")
  }
}
