import Synchronization
import TestSupport
import Testing
import ZeroRPC

extension Integration {
  /// Many calls with a bound.
  @Suite(.timeLimit(.minutes(1))) struct BatchTests {
    @Test(arguments: [1, 7, 1_000])
    func resultsComeInOrder(_ limit: Int) async throws {
      try await withHarness { harness in
        let results = await harness.specimen.batch(0..<500, maxInFlight: limit) { try await $0.add($1, 1) }
        let sums = try results.map { try $0.get() }
        #expect(sums == Array(1...500))
      }
    }

    @Test func atMostSoManyAreInFlight() async throws {
      let gauge = Gauge()
      try await withHarness { harness in
        let specimen = harness.specimen
        let results = await harness.client.batch(0..<200, maxInFlight: 5) { number in
          gauge.enter()
          defer { gauge.leave() }
          // Later ones are faster, so that order is no accident.
          try await specimen.sleep(seconds: number % 2 == 0 ? 0.002 : 0)
          return number
        }
        let numbers = try results.map { try $0.get() }
        #expect(numbers == Array(0..<200))
        #expect(gauge.highest == 5)
      }
    }

    @Test func errorsAreKeptPerItem() async throws {
      try await withHarness { harness in
        let results = await harness.specimen.batch([1.0, 0, 2], maxInFlight: 2) { try await $0.divide(1, by: $1) }
        let (first, last) = (try results[0].get(), try results[2].get())
        #expect(first == 1 && last == 0.5)
        #expect(throws: RemoteError.self) { try results[1].get() }
      }
    }

    @Test func callsCanBeClosures() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let calls: [@Sendable () async throws -> Int] = (0..<10).map { number in { try await specimen.add(number, 1) } }
        let sums = try await harness.client.batch(calls, maxInFlight: 3).map { try $0.get() }
        #expect(sums == Array(1...10))
        #expect(await harness.client.batch([Int](), maxInFlight: 0) { $0 }.isEmpty)
      }
    }

    @Test func cancellationEndsTheRest() async throws {
      try await withHarness { harness in
        let specimen = harness.specimen
        let batch = Task { await specimen.batch(0..<10, maxInFlight: 2) { try await $0.wait("w\($1)") } }
        try await harness.journal.wait(for: "w0 started")
        try await harness.journal.wait(for: "w1 started")
        batch.cancel()
        let results = await batch.value
        #expect(results.count == 10)
        for result in results { #expect(throws: CancellationError.self) { try result.get() } }
        #expect(harness.journal.count("w2 started") == 0)
      }
    }
  }
}

/// Measures how many are inside at once.
private final class Gauge: Sendable {
  private let state = Mutex((now: 0, highest: 0))

  var highest: Int { state.withLock { $0.highest } }

  func enter() {
    state.withLock { state in
      state.now += 1
      state.highest = max(state.highest, state.now)
    }
  }

  func leave() { state.withLock { $0.now -= 1 } }
}
