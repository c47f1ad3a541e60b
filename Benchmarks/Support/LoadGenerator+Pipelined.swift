extension LoadGenerator {
  /// Keeps a number of calls in flight, over all connections: warm-up first, then what the options ask for.
  func pipelined(_ echo: @escaping Echo) async throws -> LoadResult {
    _ = try await keepInFlight(
      echo, count: options.warmup, end: LoadEnd(callers: options.inFlight, deadline: .max), latency: ShardedHistogram())
    let latency = ShardedHistogram()
    let started = ProcessUsage.current
    let end = LoadEnd(callers: options.inFlight, deadline: deadline(from: started.time))
    let calls = try await keepInFlight(echo, count: options.count ?? .max, end: end, latency: latency)
    return result(
      sent: calls, received: calls, latency: latency.merged, from: started, to: end.usage ?? .current)
  }

  /// Has each connection keep its share of the calls in flight, and make its share of the count. Returns the number of calls made.
  ///
  /// As at the floor, the calls of a connection begin one after the other. Callers are children of their connection's task,
  /// since leaving a task group takes time in proportion to its size.
  private func keepInFlight(
    _ echo: @escaping Echo, count: UInt64, end: LoadEnd, latency: ShardedHistogram
  ) async throws -> UInt64 {
    let total = UInt64(options.inFlight)
    return try await withThrowingTaskGroup(of: UInt64.self) { connections in
      var first: UInt64 = 0
      for connection in 0..<options.connections {
        let callers = first..<first + share(of: total, UInt64(connection), among: UInt64(options.connections))
        first = callers.upperBound
        connections.addTask {
          try await withThrowingTaskGroup(of: UInt64.self) { group in
            for caller in callers {
              let limit = count == .max ? .max : share(of: count, caller, among: total)
              group.addTask {
                try await keepCalling(echo, connection, caller: caller, limit: limit, end: end, latency: latency)
              }
            }
            return try await group.reduce(0, +)
          }
        }
      }
      return try await connections.reduce(0, +)
    }
  }

  private func keepCalling(
    _ echo: Echo, _ connection: Int, caller: UInt64, limit: UInt64, end: LoadEnd, latency: ShardedHistogram
  ) async throws -> UInt64 {
    var calls: UInt64 = 0
    while calls < limit && !end.isReached {
      // Callers that begin together do not all have their first call recorded.
      if (calls &+ caller) % Self.sampling == 0 {
        let before = MonotonicClock.nanoseconds
        if end.isReached(at: before) { break }
        try await checked(echo, connection)
        latency.record(MonotonicClock.nanoseconds - before, shard: Int(caller))
      } else {
        try await checked(echo, connection)
      }
      calls += 1
    }
    end.callerIsDone()
    return calls
  }

  /// An equal share; the first ones take the rest.
  private func share(of total: UInt64, _ index: UInt64, among parts: UInt64) -> UInt64 {
    total / parts + (index < total % parts ? 1 : 0)
  }
}
