internal import ArgumentParser
internal import Foundation

/// Runs mixed load with random faults for long, and accounts for every call and for what the process holds.
struct SoakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak",
    abstract: "Run mixed load with random faults, and report calls, memory, descriptors and threads.")

  @Option(help: "How long.")
  var minutes = 30.0

  @Option(help: "The seed of the random faults.")
  var seed = UInt64.random(in: 0...UInt64(UInt32.max))

  func run() async throws {
    print("soak: \(minutes) minutes, seed \(seed)")
    let port = try TCP.freePort()
    let server = try await Child(["serve", "tcp://127.0.0.1:\(port)"])
    let relay = try Relay(to: port)
    defer { relay.close() }
    let ledger = Ledger(keepsTimes: false)
    // One client goes straight to the server, the others by a network that fails.
    var loads = [try Load("tcp://127.0.0.1:\(port)", workers: 8, ledger)]
    for _ in 0..<2 { loads.append(try Load(relay.endpoint, workers: 8, ledger)) }
    var random = Seeded(state: seed)
    var faults: [String: Int] = [:]
    var samples: [(minute: Double, resources: Resources)] = []
    let clock = ContinuousClock()
    let start = clock.now
    var nextReport = 1.0
    while (clock.now - start) / .seconds(60) < minutes {
      try await Task.sleep(for: .milliseconds(Int.random(in: 1_000...4_000, using: &random)))
      let fault = ["kill", "term", "pause", "long pause", "cut", "silence", "flap"].randomElement(using: &random) ?? ""
      faults[fault, default: 0] += 1
      try await inject(fault, server, relay)
      // A client that comes and goes with calls open.
      let visitor = Ledger()
      let visit = try Load(relay.endpoint, workers: 4, visitor)
      try await Task.sleep(for: .milliseconds(300))
      await visit.stop()
      guard visitor.counts.lost == 0, visitor.counts.wrong == 0 else {
        print("soak: a visiting client lost calls: \(visitor.counts.line)")
        throw ExitCode.failure
      }
      let minute = (clock.now - start) / .seconds(60)
      samples.append((minute, .now))
      if minute >= nextReport {
        nextReport += 1
        report(minute, ledger, samples.last?.resources ?? .now)
      }
    }
    for load in loads { await load.stop() }
    let counts = ledger.counts
    print("soak: faults " + faults.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", "))
    print("soak: \(counts.line)")
    // What is built up in the beginning, caches and the like, is no leak.
    let settled = samples.filter { $0.minute > minutes * 0.2 }
    func change(_ value: (Resources) -> Int) -> Double {
      slope(settled.map { ($0.minute, Double(value($0.resources))) })
    }
    print(
      String(
        format: "soak: slopes per minute, without the first fifth: RSS %+.1f kB, descriptors %+.2f, threads %+.2f",
        change(\.residentKilobytes), change(\.descriptors), change(\.threads)))
    let allowed = Experiment.faultErrors.union(["ServerShuttingDown"])
    guard Experiment.areOnly(allowed, counts) else {
      print(
        "soak: FAILED: not every call is accounted for, or one ended with an error that none of the faults explains")
      throw ExitCode.failure
    }
  }

  private func inject(_ fault: String, _ server: Child, _ relay: Relay) async throws {
    switch fault {
    case "kill": try await server.restart()
    case "term": try await server.restart(by: SIGTERM)
    case "pause", "long pause":
      server.signal(SIGSTOP)
      try await Task.sleep(for: fault == "pause" ? .milliseconds(400) : .seconds(3))
      server.signal(SIGCONT)
    case "cut": relay.cut()
    case "silence":
      relay.mode = .silent
      try await Task.sleep(for: .seconds(2))
      relay.mode = .passing
      relay.cut()
    default:
      for _ in 0..<10 {
        relay.cut()
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  private func report(_ minute: Double, _ ledger: Ledger, _ resources: Resources) {
    var counts = ledger.counts
    // What is under way is not lost.
    counts.made = counts.answered + counts.wrong + counts.failures
    print(
      String(
        format: "soak: minute %.0f: RSS %d kB, %d descriptors, %d threads; ", minute, resources.residentKilobytes,
        resources.descriptors, resources.threads) + counts.line)
    fflush(nil)
  }
}

private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
