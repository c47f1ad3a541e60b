extension RPCClient {
  /// Makes many calls, with at most a number of them in flight, and returns all outcomes in the order of the items.
  ///
  /// ```swift
  /// let sums = await client.batch(0..<1_000, maxInFlight: 16) { try await calculator.add($0, 1) }
  /// for sum in sums { print(try sum.get()) }
  /// ```
  ///
  /// A call that fails does not stop the others: its error is its outcome. When the task is cancelled, the calls in flight
  /// end as cancelled calls do, and those that have not begun have `CancellationError` as their outcome.
  ///
  /// - Parameters:
  ///   - items: what to call for, one call an item.
  ///   - maxInFlight: how many calls may be under way at once; less than 1 counts as 1.
  ///   - call: makes the call for an item.
  public func batch<Item: Sendable, Value: Sendable>(
    _ items: some Sequence<Item>, maxInFlight: Int, _ call: @escaping @Sendable (Item) async throws -> Value
  ) async -> [Result<Value, any Error>] {
    await batched(items, maxInFlight, call)
  }

  /// Makes many calls that are there as closures, with at most a number of them in flight, and returns all outcomes in the
  /// order of the calls.
  public func batch<Value: Sendable>(
    _ calls: some Sequence<@Sendable () async throws -> Value>, maxInFlight: Int
  ) async -> [Result<Value, any Error>] {
    await batched(calls, maxInFlight) { try await $0() }
  }
}

extension RPCServiceClient {
  /// Makes many calls, with at most a number of them in flight, and returns all outcomes in the order of the items.
  ///
  /// ```swift
  /// let sums = await calculator.batch(0..<1_000, maxInFlight: 16) { try await $0.add($1, 1) }
  /// ```
  ///
  /// Otherwise as ``RPCClient/batch(_:maxInFlight:_:)``.
  public func batch<Item: Sendable, Value: Sendable>(
    _ items: some Sequence<Item>, maxInFlight: Int, _ call: @escaping @Sendable (Self, Item) async throws -> Value
  ) async -> [Result<Value, any Error>] {
    await batched(items, maxInFlight) { try await call(self, $0) }
  }
}

/// Runs a window of calls over the items: one begins whenever one ends.
private func batched<Item: Sendable, Value: Sendable>(
  _ items: some Sequence<Item>, _ maxInFlight: Int, _ call: @escaping @Sendable (Item) async throws -> Value
) async -> [Result<Value, any Error>] {
  await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
    var outcomes: [Result<Value, any Error>?] = []
    var inFlight = 0
    func take(_ next: (Int, Result<Value, any Error>)?) {
      guard let (index, outcome) = next else { return }
      outcomes[index] = outcome
      inFlight -= 1
    }
    for item in items {
      if inFlight >= max(1, maxInFlight) { take(await group.next()) }
      let index = outcomes.count
      outcomes.append(nil)
      inFlight += 1
      group.addTask {
        do {
          try Task.checkCancellation()
          return (index, .success(try await call(item)))
        } catch {
          return (index, .failure(error))
        }
      }
    }
    while inFlight > 0 { take(await group.next()) }
    // Every task of the group has ended, so that each item has its outcome.
    return outcomes.map { $0 ?? .failure(CancellationError()) }
  }
}
