internal import Synchronization
internal import ZeroRPC

/// Makes calls of all kinds from several tasks, one after the other in each, until it is stopped.
final class Load: Sendable {
  enum Kind: CaseIterable, Sendable { case echo, work, stream, blob, blobs, cancelled }

  static let everything: [Kind] = [.echo, .echo, .echo, .work, .stream, .blob, .cancelled]

  let client: RPCClient
  private let ledger: Ledger
  private let isStopped = Atomic<Bool>(false)
  private let tasks: Mutex<[Task<Void, Never>]> = Mutex([])
  private let running = Atomic<Int>(0)

  /// Starts.
  init(
    _ endpoint: String, workers: Int, _ ledger: Ledger, mix: [Kind] = Load.everything, timeout: Duration = .seconds(3),
    retry: RPCRetry? = nil
  ) throws {
    client = try Load.client(endpoint, timeout: timeout, retry: retry)
    self.ledger = ledger
    for number in 0..<workers {
      running.add(1, ordering: .relaxed)
      let task = Task.detached {
        var turn = number
        while !self.isStopped.load(ordering: .relaxed) {
          let isAnswered = await self.call(mix[turn % mix.count])
          turn += 1
          // One that fails at once must not become a flood.
          if !isAnswered { try? await Task.sleep(for: .milliseconds(10)) }
        }
        self.running.subtract(1, ordering: .relaxed)
      }
      tasks.withLock { $0.append(task) }
    }
  }

  static func client(
    _ endpoint: String, timeout: Duration = .seconds(3), retry: RPCRetry? = nil
  ) throws -> RPCClient {
    var configuration = RPCClientConfiguration()
    configuration.heartbeat = .milliseconds(500)
    configuration.timeout = timeout
    configuration.streamTimeout = .seconds(10)
    if let retry { configuration.interceptors = [retry] }
    return try RPCClient(connectingTo: endpoint, configuration: configuration)
  }

  private func call(_ kind: Kind) async -> Bool {
    // None of them changes anything.
    let remote = client.remote.with { $0.isIdempotent = true }
    return await ledger.call {
      switch kind {
      case .echo:
        let text = "call \(Int.random(in: 0..<1_000_000))"
        let answer: String = try await remote.echo(text)
        return answer == text
      case .work:
        let answer: Int = try await remote.work(5)
        return answer == 5
      case .stream:
        var next = 0
        for try await item in try await remote.count.stream(250, of: Int.self) {
          guard item == next else { return false }
          next += 1
        }
        return next == 250
      case .blob:
        let answer: String = try await remote.blob(20_000)
        return answer.utf8.count == 20_000
      case .blobs:
        let answer: String = try await remote.blob(100_000)
        return answer.utf8.count == 100_000
      case .cancelled:
        let task = Task { () async throws -> Int in try await remote.work(1_000) }
        try? await Task.sleep(for: .milliseconds(2))
        task.cancel()
        _ = try await task.value
        return true
      }
    }
  }

  /// Stops, and waits for the calls that are under way, for 30 seconds at most: a call that has not ended then never will.
  func stop() async {
    isStopped.store(true, ordering: .relaxed)
    for _ in 0..<3_000 where running.load(ordering: .relaxed) > 0 { try? await Task.sleep(for: .milliseconds(10)) }
    client.close()
    try? await Task.sleep(for: .milliseconds(20))
  }
}
