import Synchronization
import TestSupport
import ZeroRPC
import ZeroRPCTesting

/// Keeps the two servers of a simulation running, and does to the network what is planned.
final class World: Sendable {
  private let network: RPCTestNetwork
  private let simulation: Simulation
  private let ledger: SimulationLedger
  /// The client by which the front server calls the back one.
  let back: RPCClient
  private let running = Mutex<[Int: RPCServer]>([:])
  private let started = Mutex<[RPCServer]>([])

  init(_ network: RPCTestNetwork, _ simulation: Simulation, _ ledger: SimulationLedger) async throws {
    self.network = network
    self.simulation = simulation
    self.ledger = ledger
    back = try network.client(of: Simulation.endpoints[1], configuration: simulation.configuration)
    for number in 0..<2 { try await serve(number) }
  }

  /// All servers that were started, those that have gone too.
  var allServers: [RPCServer] { started.withLock { $0 } }

  /// What one client has otherwise than the others.
  var otherConfiguration: RPCClientConfiguration {
    var configuration = simulation.configuration
    configuration.itemTimeout = .seconds(10)
    configuration.streamTimeout = .seconds(45)
    return configuration
  }

  private func serve(_ number: Int) async throws {
    let ledger = ledger
    let service = SimulatedService(clock: network.clock, next: number == 0 ? back : nil) { ledger.handler($0, $1) }
    let server = try await network.serve(
      service, at: Simulation.endpoints[number], configuration: simulation.serverConfiguration)
    running.withLock { $0[number] = server }
    started.withLock { $0.append(server) }
  }

  /// Takes a server away from others that would stop it too; nil if one does already.
  private func take(_ number: Int) -> RPCServer? {
    running.withLock { running in
      defer { running[number] = nil }
      return running[number]
    }
  }

  /// Starts what was stopped and not started again.
  func restart() async throws {
    for number in 0..<2 where running.withLock({ $0[number] == nil }) { try await serve(number) }
  }

  func disturb(_ disturbance: Disturbance) async {
    let clock = network.clock
    do {
      try await clock.sleep(for: .milliseconds(disturbance.after))
      switch disturbance.kind {
      case .disconnect: network.disconnect()
      case .hold(let length):
        network.hold()
        try await clock.sleep(for: .milliseconds(length))
        network.release()
      case .cut(let length):
        network.cut()
        guard let length else { return ledger.cut(at: clock.now.elapsed.milliseconds) }
        try await clock.sleep(for: .milliseconds(length))
        network.restore()
      case .kill(let number, let length):
        guard let server = take(number) else { return }
        await network.kill(server)
        try await clock.sleep(for: .milliseconds(length))
        try await serve(number)
      case .shutDown(let number):
        guard let server = take(number) else { return }
        server.beginGracefulShutdown()
        try await network.waitUntilStopped(server)
        try await serve(number)
      case .jump(let length):
        ledger.jumped(Double(length))
        await clock.jump(by: .milliseconds(length))
      }
    } catch {
      if !(error is CancellationError) { ledger.violate("\(disturbance): \(error)") }
    }
  }
}
