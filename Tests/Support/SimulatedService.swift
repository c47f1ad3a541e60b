package import ZeroRPC

/// What simulated clients call. Times are milliseconds; `id` names the attempt in the ledger.
package protocol Simulated: RPCService {
  /// Returns the number after a while.
  func echo(_ id: Int, _ pause: Int) async throws -> Int

  /// Fails after a while.
  // zerorpc: name = "refuse_later"
  func refuse(_ id: Int, _ pause: Int) async throws

  /// Counts from zero, with a pause before each number.
  // zerorpc: name = "count_later"
  func count(_ id: Int, to limit: Int, pause: Int) async throws -> RPCStream<Int>

  /// Asks the next server, which the caller's deadline and cancellation must reach.
  func relay(_ id: Int, _ pause: Int) async throws -> Int
}

/// Implements ``Simulated``, by a clock of the test's.
package struct SimulatedService: Simulated {
  package struct Refusal: Error, CustomStringConvertible {
    package let description = "refused"
  }

  /// Told when a handler begins, with its attempt, and when it ends.
  package typealias Watch = @Sendable (_ id: Int, _ begins: Bool) -> Void

  private let clock: any Clock<Duration>
  private let next: RPCClient?
  private let watch: Watch

  package init(clock: any Clock<Duration>, next: RPCClient? = nil, watch: @escaping Watch = { _, _ in }) {
    self.clock = clock
    self.next = next
    self.watch = watch
  }

  package func echo(_ id: Int, _ pause: Int) async throws -> Int {
    watch(id, true)
    defer { watch(id, false) }
    if pause > 0 { try await clock.sleep(for: .milliseconds(pause)) }
    return id
  }

  package func refuse(_ id: Int, _ pause: Int) async throws {
    watch(id, true)
    defer { watch(id, false) }
    if pause > 0 { try await clock.sleep(for: .milliseconds(pause)) }
    throw Refusal()
  }

  package func count(_ id: Int, to limit: Int, pause: Int) -> RPCStream<Int> {
    RPCStream { [clock, watch] writer in
      watch(id, true)
      defer { watch(id, false) }
      for number in 0..<limit {
        if pause > 0 { try await clock.sleep(for: .milliseconds(pause)) }
        try await writer.write(number)
      }
    }
  }

  package func relay(_ id: Int, _ pause: Int) async throws -> Int {
    watch(id, true)
    defer { watch(id, false) }
    guard let next else { throw Refusal() }
    // An attempt of its own.
    return try await SimulatedClient(next).echo(-id, pause)
  }
}
