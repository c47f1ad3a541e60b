internal import Synchronization

/// Writes down what handlers do, so that a test can wait for it instead of sleeping.
package final class Journal: Sendable {
  private struct State: Sendable {
    var counts: [String: Int] = [:]
    var released: Set<String> = []
    var waiters: [String: [Int: CheckedContinuation<Void, any Error>]] = [:]
    var nextWaiter = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// Counts an occurrence of an entry.
  package func note(_ entry: String) { state.withLock { $0.counts[entry, default: 0] += 1 } }

  /// How often an entry was noted.
  package func count(_ entry: String) -> Int { state.withLock { $0.counts[entry] ?? 0 } }

  /// Waits until an entry was noted a number of times.
  package func wait(for entry: String, count: Int = 1, within limit: Duration = .seconds(20)) async throws {
    try await eventually("\(count) × '\(entry)' in the journal", within: limit) { self.count(entry) >= count }
  }

  /// Lets everyone go who waits for a tag, now or later.
  package func release(_ tag: String) {
    let waiters = state.withLock { state in
      state.released.insert(tag)
      return state.waiters.removeValue(forKey: tag) ?? [:]
    }
    for waiter in waiters.values { waiter.resume() }
  }

  /// Waits until a tag is released; throws when the task is cancelled.
  package func release(of tag: String) async throws {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let outcome: Result<Void, any Error>? = state.withLock { state in
          if state.released.contains(tag) { return .success(()) }
          if Task.isCancelled { return .failure(CancellationError()) }
          state.waiters[tag, default: [:]][number] = continuation
          return nil
        }
        if let outcome { continuation.resume(with: outcome) }
      }
    } onCancel: {
      let waiter = state.withLock { $0.waiters[tag]?.removeValue(forKey: number) }
      waiter?.resume(throwing: CancellationError())
    }
  }
}

/// Says what a test waited for in vain.
package struct NeverHappened: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Waits for a state that can be observed. The limit only bounds a failing test.
package func eventually(
  _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let end = clock.now + limit
  while try await !condition() {
    if clock.now > end { throw NeverHappened("waited \(limit) in vain for: \(what)") }
    try await Task.sleep(for: .milliseconds(2))
  }
}

/// Runs a closure with a limit that only bounds a failing test, so that a hang is reported instead of suffered.
package func within<Result: Sendable>(
  _ limit: Duration, _ what: String = "the test", _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result.self) { group in
    group.addTask { try await body() }
    group.addTask {
      try await Task.sleep(for: limit)
      throw NeverHappened("\(what) did not end within \(limit)")
    }
    defer { group.cancelAll() }
    guard let result = try await group.next() else { throw NeverHappened("\(what) had no result") }
    return result
  }
}

/// Yields the same numbers for the same seed (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Reads bytes from hexadecimal digits; everything else is for the reader.
package func bytes(_ hex: String) -> [UInt8] {
  let digits = hex.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

/// Writes bytes as hexadecimal digits.
package func hex(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
