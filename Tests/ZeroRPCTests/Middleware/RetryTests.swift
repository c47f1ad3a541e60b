import Synchronization
import TestSupport
import Testing
import ZeroRPCTesting

@testable import ZeroRPC

extension Machines {
  /// Calls that are made again, by the clock of a network in memory.
  @Suite struct RetryTests {
    /// The attempts that handlers have begun, by the number that the caller gave the call.
    private final class Attempts: Sendable {
      private let counts = Mutex<[Int: Int]>([:])

      func note(_ id: Int) { counts.withLock { $0[id, default: 0] += 1 } }

      subscript(id: Int) -> Int { counts.withLock { $0[id] ?? 0 } }
    }

    private struct Stage {
      var network: RPCTestNetwork
      var client: RPCClient
      var attempts: Attempts

      var service: SimulatedClient { SimulatedClient(client) }

      func serve(_ configure: (inout RPCServerConfiguration) -> Void = { _ in }) async throws -> RPCServer {
        var configuration = RPCServerConfiguration()
        configure(&configuration)
        return try await network.serve(
          SimulatedService(clock: network.clock) { [attempts] id, begins in if begins { attempts.note(id) } },
          configuration: configuration)
      }
    }

    private func withStage(_ retry: RPCRetry, _ body: (Stage) async throws -> Void) async throws {
      try await withRPCTestNetwork { network in
        var configuration = RPCClientConfiguration()
        configuration.timeout = .seconds(60)
        configuration.interceptors = [retry]
        let client = try network.client(configuration: configuration)
        try await body(Stage(network: network, client: client, attempts: Attempts()))
        await network.clock.advance(by: .zero)
        #expect(client.openResources.isZero, "\(client.openResources)")
      }
    }

    @Test(.timeLimit(.minutes(1))) func lostCallsOfIdempotentMethods() async throws {
      try await withStage(RPCRetry()) { stage in
        let first = try await stage.serve()
        let answer = stage.network.start {
          try await stage.service.with { $0.isIdempotent = true }.echo(1, 5_000)
        }
        await stage.network.clock.advance(by: .seconds(1))
        await stage.network.kill(first)
        _ = try await stage.serve()
        let received = try await answer.value
        #expect(received == 1)
        #expect(stage.attempts[1] == 2)
      }
    }

    /// It may have done what it does.
    @Test(.timeLimit(.minutes(1))) func lostCallsOfOtherMethodsAreReported() async throws {
      try await withStage(RPCRetry()) { stage in
        let first = try await stage.serve()
        let answer = stage.network.start { try await stage.service.echo(1, 5_000) }
        await stage.network.clock.advance(by: .seconds(1))
        await stage.network.kill(first)
        _ = try await stage.serve()
        let error = await #expect(throws: RPCError.self) { try await answer.value }
        #expect(error?.code == .lostPeer)
        #expect(error?.isRetriable == false)
        #expect(stage.attempts[1] == 1)
      }
    }

    /// Nobody was there for longer than heartbeats allow, but nothing was sent either.
    @Test(.timeLimit(.minutes(1))) func callsThatNeverLeft() async throws {
      try await withStage(RPCRetry()) { stage in
        let answer = stage.network.start { try await stage.service.echo(1, 0) }
        await stage.network.clock.advance(by: .seconds(25))
        _ = try await stage.serve()
        let received = try await answer.value
        #expect(received == 1)
        #expect(stage.attempts[1] == 1)
      }
    }

    /// The error says that nothing was sent, so that callers may repeat it themselves.
    @Test(.timeLimit(.minutes(1)), arguments: [3, 25]) func errorsOfCallsThatNeverLeft(seconds: Int) async throws {
      try await withStage(RPCRetry(attempts: 1)) { stage in
        let error = await #expect(throws: RPCError.self) {
          try await stage.service.with { $0.timeout = .seconds(seconds) }.echo(1, 0)
        }
        #expect(error?.code == (seconds == 3 ? .timeout : .lostPeer))
        #expect(error?.isRetriable == true)
        _ = try await stage.serve()
        let late = await #expect(throws: RPCError.self) {
          try await stage.service.with { $0.timeout = .seconds(3) }.echo(2, 60_000)
        }
        #expect(late?.code == .timeout)
        #expect(late?.isRetriable == false)
      }
    }

    @Test(.timeLimit(.minutes(1))) func refusedCalls() async throws {
      try await withStage(RPCRetry(attempts: 20, backoff: .seconds(1))) { stage in
        let server = try await stage.serve {
          $0.limits.handlers = 1
          $0.limits.queuedCalls = 0
        }
        let first = stage.network.start { try await stage.service.echo(1, 4_000) }
        await stage.network.clock.advance(by: .milliseconds(1))
        let received = try await stage.service.echo(2, 0)
        #expect(received == 2)
        #expect(stage.attempts[2] == 1)
        #expect(stage.network.clock.now.elapsed >= .seconds(4))
        _ = try await first.value
        #expect(server.openResources.isZero)
      }
    }

    /// What handlers throw is an answer.
    @Test(.timeLimit(.minutes(1))) func answersAreNotRepeated() async throws {
      try await withStage(RPCRetry()) { stage in
        _ = try await stage.serve()
        await #expect(throws: RemoteError.self) {
          try await stage.service.with { $0.isIdempotent = true }.refuse(1, 0)
        }
        #expect(stage.attempts[1] == 1)
      }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [1, 3]) func attemptsHaveALimit(_ limit: Int) async throws {
      try await withStage(RPCRetry(attempts: limit, attemptTimeout: .seconds(1))) { stage in
        _ = try await stage.serve()
        let error = await #expect(throws: RPCError.self) {
          try await stage.service.with { $0.isIdempotent = true }.echo(1, 30_000)
        }
        #expect(error?.code == .timeout)
        #expect(stage.attempts[1] == limit)
        #expect(stage.network.clock.now.elapsed < .seconds(limit + limit))
      }
    }

    /// The time-out of the call is that of all its attempts.
    @Test(.timeLimit(.minutes(1))) func attemptsShareTheTime() async throws {
      try await withStage(RPCRetry(attempts: 1_000, backoff: .milliseconds(10), attemptTimeout: .seconds(1))) { stage in
        _ = try await stage.serve()
        let error = await #expect(throws: RPCError.self) {
          try await stage.service.with {
            $0.isIdempotent = true
            $0.timeout = .milliseconds(4_500)
          }.echo(1, 30_000)
        }
        #expect(error?.code == .timeout)
        #expect(stage.attempts[1] >= 2)
        #expect(stage.network.clock.now.elapsed <= .milliseconds(4_500))
      }
    }

    @Test(.timeLimit(.minutes(1))) func deadlinesAroundHoldForAllAttempts() async throws {
      try await withStage(RPCRetry(attempts: 1_000, backoff: .milliseconds(10), attemptTimeout: .seconds(1))) { stage in
        _ = try await stage.serve()
        let error = await #expect(throws: RPCError.self) {
          try await withRPCTimeout(.seconds(3)) {
            try await stage.service.with { $0.isIdempotent = true }.echo(1, 30_000)
          }
        }
        #expect(error?.code == .timeout)
        #expect(stage.attempts[1] >= 2)
        #expect(stage.network.clock.now.elapsed <= .seconds(3))
      }
    }

    @Test(.timeLimit(.minutes(1))) func cancelledWhileItWaits() async throws {
      try await withStage(RPCRetry(attempts: 2, backoff: .seconds(50), maximumBackoff: .seconds(50))) { stage in
        _ = try await stage.serve {
          $0.limits.handlers = 1
          $0.limits.queuedCalls = 0
        }
        let first = stage.network.start { try await stage.service.echo(1, 2_000) }
        await stage.network.clock.advance(by: .milliseconds(1))
        let second = stage.network.start { try await stage.service.echo(2, 0) }
        await stage.network.clock.advance(by: .seconds(1))
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        _ = try await first.value
        #expect(stage.attempts[2] == 0)
      }
    }

    /// A stream is made again until its first item has come, and never after that.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false]) func streams(hasBegun: Bool) async throws {
      try await withStage(RPCRetry()) { stage in
        let first = try await stage.serve()
        let items = stage.network.start {
          try await collect(stage.service.with { $0.isIdempotent = true }.count(1, to: 3, pause: 1_000))
        }
        await stage.network.clock.advance(by: .milliseconds(hasBegun ? 1_500 : 500))
        await stage.network.kill(first)
        _ = try await stage.serve()
        if hasBegun {
          let error = await #expect(throws: RPCError.self) { try await items.value }
          #expect(error?.code == .lostPeer)
          #expect(stage.attempts[1] == 1)
        } else {
          let received = try await items.value
          #expect(received == [0, 1, 2])
          #expect(stage.attempts[1] == 2)
        }
      }
    }

    @Test func pausesGrow() {
      let retry = RPCRetry(backoff: .milliseconds(100), maximumBackoff: .seconds(1))
      for (attempt, most) in [(2, 100), (3, 200), (4, 400), (5, 800), (6, 1_000), (7, 1_000), (1_000, 1_000)] {
        let pause = retry.wait(before: attempt)
        #expect(pause <= .milliseconds(most) && pause >= .milliseconds(most / 2))
      }
    }
  }
}
