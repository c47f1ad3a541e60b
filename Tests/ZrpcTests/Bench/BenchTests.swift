import BenchmarkSupport
import MessagePack
import Synchronization
import TestSupport
import Testing
import ZeroRPC

@testable import zrpc

extension ZrpcIntegration {
  /// Load on a method that is none.
  @Suite(.timeLimit(.minutes(1))) struct BenchTests {
    private struct Refused: Error {}

    @Test(arguments: [(1, nil), (8, nil), (8, 20_000.0)] as [(Int, Double?)])
    func makesSoManyCalls(inFlight: Int, rate: Double?) async {
      let running = Mutex((now: 0, most: 0))
      let plan = BenchPlan(requests: 500, seconds: nil, inFlight: inFlight, rate: rate)
      let result = await Bench(plan, connections: 2) { connection in
        running.withLock {
          $0.now += 1
          $0.most = max($0.most, $0.now)
        }
        await Task.yield()
        running.withLock { $0.now -= 1 }
        return connection == 0 ? nil : 3
      }.run()
      #expect(result.record.latency.count == 500)
      #expect(result.record.failed == 0)
      #expect(!result.isInterrupted)
      #expect(running.withLock { $0.most } <= inFlight)
      if inFlight > 1 { #expect(result.record.hasStreams && result.record.items % 3 == 0) }
    }

    @Test func countsErrorsByKind() async {
      let number = Mutex(0)
      let plan = BenchPlan(requests: 100, seconds: nil, inFlight: 4, rate: nil)
      let result = await Bench(plan, connections: 1) { _ in
        let number = number.withLock {
          $0 += 1
          return $0
        }
        if number % 10 == 0 { throw RemoteError(name: "ValueError", message: "no") }
        if number % 25 == 1 { throw RPCError(code: .timeout, message: "late") }
        return nil
      }.run()
      #expect(result.record.failures.mapValues(\.count) == ["ValueError": 10, "timeout": 4])
      #expect(result.record.latency.count == 86)
      #expect(result.record.failures["timeout"]?.message == "late")
    }

    /// A stall shows in every call that was due during it: with calls one after the other it would show in one.
    @Test func aStallDelaysAllCallsThatAreDue() async {
      let number = Atomic<Int>(0)
      let plan = BenchPlan(requests: 400, seconds: nil, inFlight: 1, rate: 1000)
      let result = await Bench(plan, connections: 1) { _ in
        if number.wrappingAdd(1, ordering: .relaxed).oldValue == 100 { try await Task.sleep(for: .milliseconds(200)) }
        return nil
      }.run()
      #expect(result.record.latency.count == 400)
      // A hundred calls were due in its first half alone, and each waited for more than half of it.
      #expect(result.record.latency.percentile(0.75) >= 50_000_000)
      #expect(result.record.latency.maximum >= 200_000_000)
    }

    @Test func reportsWhatWasMeasuredWhenItIsStopped() async throws {
      let calls = Atomic<Int>(0)
      let plan = BenchPlan(requests: nil, seconds: nil, inFlight: 4, rate: nil)
      let bench = Bench(plan, connections: 1) { _ in
        if calls.wrappingAdd(1, ordering: .relaxed).oldValue >= 100 { try await Task.sleep(for: .seconds(1000)) }
        return nil
      }
      let task = Task { await bench.run() }
      try await eventually("a hundred calls") { bench.progress.record.latency.count == 100 }
      task.cancel()
      let result = await task.value
      #expect(result.isInterrupted)
      #expect(result.record.latency.count == 100)
      #expect(result.record.failed == 0)
    }

    @Test func writesReports() throws {
      var record = BenchRecord()
      for value: UInt64 in 1...1000 { record.latency.record(value * 1_000_000) }
      for _ in 0..<3 { record.note(RemoteError(name: "ValueError", message: "no\u{1B}[2J")) }
      let report = BenchReport(
        result: BenchResult(record: record, seconds: 2, isInterrupted: true), endpoint: "tcp://x:1", method: "add",
        connections: 2, plan: BenchPlan(requests: 1000, seconds: nil, inFlight: 4, rate: nil))
      let json = try MessagePackValue(json: report.json)
      #expect(json["calls"] == 1000)
      #expect(json["calls_per_second"]?.doubleValue == 500)
      #expect(json["errors"] == ["ValueError": 3])
      #expect(json["interrupted"] == true)
      let p99 = try #require(json["latency_ms"]?["p99"]?.doubleValue)
      #expect((990...998).contains(p99))
      #expect(json["latency_ms"]?["max"]?.doubleValue == 1000)
      for part in ["4 calls in flight on 2 connections", "1,000", "500.0 per second", "p99.9", "ValueError 3"] {
        #expect(report.text.contains(part), "\(part) in \(report.text)")
      }
      #expect(!report.text.contains("\u{1B}"))
    }
  }
}
