internal import Foundation
internal import ZeroRPC

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

extension Experiment {
  /// A server whose handlers take 20 ms each, 8 at a time, is asked for five times what it can do.
  static func overload(seconds: Int) -> Experiment {
    Experiment(
      fault: "five times the server's capacity for \(seconds) s",
      running:
        "capacity 400 calls/s (8 handlers of 20 ms, queue of 40); 2,000 calls/s offered; 5 idle calls with heartbeats",
      expected: "accepted: p99 below 1 s; refused within 100 ms (p99); no heartbeat lost; afterwards p50 as before"
    ) {
      let port = try TCP.freePort()
      let endpoint = "tcp://127.0.0.1:\(port)"
      // Five handlers wait for the idle calls.
      let server = try await Child(["serve", endpoint, "--handlers", "13", "--queued", "40"])
      let client = try Load.client(endpoint, timeout: .seconds(10))
      let idle = try Load.client(endpoint, timeout: .seconds(600))
      defer {
        client.close()
        idle.close()
        server.signal(SIGKILL)
      }
      let idleLedger = Ledger()
      let idleTasks = (0..<5).map { _ in
        Task {
          await idleLedger.call {
            let answer: Int = try await idle.remote.work((seconds + 5) * 1_000)
            return answer > 0
          }
        }
      }
      let before = try await calm(client)
      let ledger = Ledger()
      let clock = ContinuousClock()
      let start = clock.now
      let stolen = StolenTime.seconds
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<(seconds * 200) {
          for _ in 0..<10 {
            group.addTask {
              await ledger.call {
                let answer: Int = try await client.remote.work(20)
                return answer == 20
              }
            }
          }
          try? await clock.sleep(until: start + .milliseconds(5) * number)
        }
      }
      let took = (clock.now - start) / .seconds(1)
      let taken = StolenTime.seconds.flatMap { now in stolen.map { now - $0 } }
      let after = try await calm(client)
      for task in idleTasks { _ = await task.value }
      let counts = ledger.counts
      let accepted = counts.answerTimes.quantile(0.99)
      let refused = (counts.failureTimes["ServerOverloaded"] ?? []).quantile(0.99)
      func milliseconds(_ seconds: Double) -> String { String(format: "%.1f ms", seconds * 1_000) }
      let isExpected =
        areOnly(["ServerOverloaded"], counts) && accepted < 1 && refused < 0.1 && idleLedger.counts.answered == 5
        && after < max(0.1, before * 3)
      return Result(
        isExpected: isExpected,
        seen: "\(Int(Double(counts.made) / took)) calls/s offered, \(Int(Double(counts.answered) / took)) answered; "
          + "accepted p50 \(milliseconds(counts.answerTimes.quantile(0.5))), p99 \(milliseconds(accepted)); "
          + "refused p50 \(milliseconds((counts.failureTimes["ServerOverloaded"] ?? []).quantile(0.5))), "
          + "p99 \(milliseconds(refused)); idle calls answered \(idleLedger.counts.answered) of 5; "
          + "p50 before \(milliseconds(before)), after \(milliseconds(after))"
          + (taken.map { String(format: "; the host took away %.1f s of the processors", $0) } ?? ""),
        counts: counts.line)
    }
  }

  /// The median of calls one after the other.
  private static func calm(_ client: RPCClient) async throws -> Double {
    var times: [Double] = []
    for _ in 0..<50 {
      let start = ContinuousClock.now
      let _: Int = try await client.remote.work(20)
      times.append((ContinuousClock.now - start) / .seconds(1))
    }
    return times.quantile(0.5)
  }
}
