import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Calls while Swift's global pool has no thread left for anybody.
  @Suite(.serialized) struct BusyPool {
    /// A request leaves although the task that was to send it gets no thread, and so does each one after it. No heartbeat or
    /// answer comes by that would take it along.
    @Test func callsFromElsewhereAreAnswered() async throws {
      try await withHarness(
        server: { $0.heartbeat = .seconds(60) },
        client: {
          $0.timeout = .seconds(20)
          $0.heartbeat = .seconds(60)
        }
      ) { harness in
        let specimen = harness.specimen
        let waits = (0..<20).map { number in Task { try await specimen.wait("w\(number)") } }
        for number in 0..<20 {
          try await eventually("wait \(number)") { harness.journal.count("w\(number) started") == 1 }
        }
        // Callers on another loop, which the client's connection takes for tasks of the pool.
        let elsewhere = ZMQContext()
        let hogs = Hogs()
        let sums = try await Task(executorPreference: elsewhere.eventLoop) {
          await hogs.takeAllThreads()
          defer { hogs.leave() }
          var sums: [Int] = []
          for number in 0..<30 { sums.append(try await specimen.add(number, 1)) }
          return sums
        }.value
        #expect(sums == Array(1...30))
        for number in 0..<20 { harness.journal.release("w\(number)") }
        for wait in waits { try await wait.value }
      }
    }
  }
}

/// Keeps all threads of the global pool busy. Not by blocking them: the pool would start others.
private final class Hogs: Sendable {
  private let started = Atomic<Int>(0)
  private let isOver = Atomic<Bool>(false)

  func takeAllThreads() async {
    let threads = ProcessInfo.processInfo.activeProcessorCount
    for _ in 0..<threads * 2 { Task.detached { self.hog() } }
    while started.load(ordering: .relaxed) < threads { await Task.yield() }
  }

  func leave() { isOver.store(true, ordering: .relaxed) }

  private func hog() {
    started.add(1, ordering: .relaxed)
    while !isOver.load(ordering: .relaxed) {}
  }
}
