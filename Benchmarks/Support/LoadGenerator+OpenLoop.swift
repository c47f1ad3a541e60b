internal import Foundation

extension LoadGenerator {
  /// Makes calls at a fixed rate, whatever the replies do.
  ///
  /// ``pacer`` watches the clock and wakes a worker for each call that is due. Latency counts from that moment, so that a stall
  /// shows in every call that it delays (no coordinated omission). The first quarter of the calls has its latency not recorded:
  /// processes that begin at full load have cold code and no memory yet.
  func openLoop(_ echo: @escaping Echo) async throws -> LoadResult {
    guard let rate = options.rate else { throw LoadError.unsupportedMode(.openLoop) }
    for _ in 0..<options.warmup { try await checked(echo, 0) }
    let calls = min(options.count ?? .max, options.seconds.map { UInt64($0 * rate) + 1 } ?? .max)
    let latency = ShardedHistogram()
    let schedule = LoadSchedule()
    let workers = min(1024, max(64, Int(rate / 500)))
    let started = ProcessUsage.current
    let settled = schedule.begin(calls: calls, interval: 1e9 / rate) + UInt64(Double(calls / 4) * 1e9 / rate)
    let received = try await withThrowingTaskGroup(of: UInt64.self) { group in
      for worker in 0..<workers {
        group.addTask {
          var received: UInt64 = 0
          while let due = await schedule.next() {
            try await checked(echo, worker % options.connections)
            if due >= settled { latency.record(MonotonicClock.nanoseconds - due, shard: worker) }
            received += 1
          }
          return received
        }
      }
      if let pacer { pacer(schedule) } else { Thread.detachNewThread { schedule.pace() } }
      do {
        return try await group.reduce(0, +)
      } catch {
        schedule.abandon()
        throw error
      }
    }
    return result(sent: calls, received: received, latency: latency.merged, from: started)
  }
}
