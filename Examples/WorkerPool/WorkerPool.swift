import ExampleSupport
import Synchronization
import ZeroMQ
import ZeroRPC

/// Works on things.
protocol Work: RPCService {
  /// Takes a second, and returns who did it.
  func perform(_ job: Int) async throws -> String
}

struct Worker: Work {
  let name: String
  let gauge: Gauge

  func perform(_ job: Int) async throws -> String {
    gauge.change(by: 1)
    defer { gauge.change(by: -1) }
    try await Task.sleep(for: .seconds(1))
    return name
  }
}

/// Measures how many workers are at work at once.
final class Gauge: Sendable {
  private let state = Mutex((now: 0, highest: 0))

  var highest: Int { state.withLock { $0.highest } }

  func change(by step: Int) {
    state.withLock { state in
      state.now += step
      state.highest = max(state.highest, state.now)
    }
  }
}

@main
struct WorkerPool {
  static func main() async {
    await runExample {
      let gauge = Gauge()
      let (front, back) = (try ZMQSocket(.router), try ZMQSocket(.dealer))
      let endpoint = try front.bind("tcp://127.0.0.1:*")
      let inside = try back.bind("inproc://workers")
      let clock = ContinuousClock()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await forward(from: front, to: back) }
        group.addTask { try await forward(from: back, to: front) }
        for number in 1...5 {
          let server = RPCServer(services: [Worker(name: "worker \(number)", gauge: gauge)])
          try await server.connect(inside)
          group.addTask { try await server.run() }
        }
        try await withRPCClient(connectingTo: endpoint) { client in
          let work = WorkClient(client)
          let start = clock.now
          let names = await work.batch(1...5, maxInFlight: 5) { try await $0.perform($1) }.map { try? $0.get() }
          print("five jobs of a second took \(clock.now - start):", names.compactMap { $0 }.sorted())
          try expect(Set(names).count == 5 && !names.contains(nil), "each worker should have done one job: \(names)")
          try expect(gauge.highest == 5, "all five should have been at work at once, not \(gauge.highest)")
        }
        group.cancelAll()
      }
    }
  }

  /// Passes messages on until the task is cancelled.
  static func forward(from source: ZMQSocket, to target: ZMQSocket) async throws {
    do {
      while true { try await target.send(try await source.receive()) }
    } catch is CancellationError {}
  }
}
