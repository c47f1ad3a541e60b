import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroRPC
import ZeroRPCTesting

extension Machines {
  /// Thousands of schedules of the real client and server on a network in memory, with faults that a seed decides.
  ///
  /// `ZERORPC_SIMULATION_SEED=calm:17` runs one schedule and prints its messages; `ZERORPC_SIMULATION_SCHEDULES=10000` runs that many per
  /// kind of weather.
  @Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let schedules = environment["ZERORPC_SIMULATION_SCHEDULES"].flatMap { UInt64($0) } ?? 400

    @Test(.timeLimit(.minutes(4)), arguments: Weather.allCases)
    func everyCallEndsOnce(_ weather: Weather) async throws {
      var seeds = 0..<SimulationTests.schedules
      if let one = SimulationTests.environment["ZERORPC_SIMULATION_SEED"]?.split(separator: ":"), one.count == 2 {
        guard one[0] == weather.rawValue, let seed = UInt64(one[1]) else { return }
        seeds = seed..<seed + 1
      }
      let clock = ContinuousClock()
      let start = clock.now
      var (messages, length, failures) = (0, 0.0, 0)
      var endings: [String: Int] = [:]
      for seed in seeds {
        let report = try await Simulation(seed, weather).run(isTraced: seeds.count == 1)
        messages += report.messages
        length += report.length
        for case .some(let outcome) in report.outcomes.values.map(\.first) {
          endings[kind(of: outcome), default: 0] += 1
        }
        guard !report.violations.isEmpty else { continue }
        failures += 1
        Issue.record(
          """
          ZERORPC_SIMULATION_SEED=\(weather.rawValue):\(seed) fails again:
          \(report.violations.joined(separator: "\n"))
          \(SimulationTests.description(of: seed, weather))
          """)
        // More of the same helps nobody.
        if failures == 5 { break }
      }
      print(
        "simulated \(weather.rawValue): \(seeds.count) schedules, \(messages) messages, \(Int(length / 60_000)) minutes in "
          + "\(clock.now - start); \(endings.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))"
      )
    }

    private func kind(of outcome: Outcome) -> String {
      switch outcome {
      case .value, .done: "values"
      case .items(_, _, ended: true): "whole streams"
      case .items: "left streams"
      case .failed(let name, _, _): name
      }
    }

    private static func description(of seed: UInt64, _ weather: Weather) -> String {
      let simulation = Simulation(seed, weather)
      let operations = simulation.operations.map {
        "  \($0.id): client \($0.client) at \($0.start): \($0.kind), timeout \($0.timeout), "
          + "cancel \($0.cancelAfter.map(String.init) ?? "never")"
      }
      return """
        \(simulation.faults), heartbeat \(simulation.heartbeat), window \(simulation.configuration.streamWindow), \
        marks \(simulation.configuration.transport.sendHighWaterMark) and \
        \(simulation.configuration.transport.receiveHighWaterMark)\(simulation.isLimited ? ", limited" : "")
        \(simulation.disturbances)
        \(operations.joined(separator: "\n"))
        """
    }

    /// The same seed is the same run, message for message.
    @Test(.timeLimit(.minutes(1)), arguments: Weather.allCases)
    func theSeedDecidesAll(_ weather: Weather) async throws {
      for seed in 0..<UInt64(10) {
        let one = try await Simulation(seed, weather).run()
        let other = try await Simulation(seed, weather).run()
        #expect(one.fingerprint == other.fingerprint, "seed \(seed)")
        #expect(one.outcomes == other.outcomes, "seed \(seed)")
      }
    }
  }
}
