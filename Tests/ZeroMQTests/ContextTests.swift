import Foundation
import TestSupport
import Testing
import ZeroMQ

#if os(Linux)
  /// What a context asks of the system. Serialized: the tests look for the new threads of the process.
  @Suite(.serialized) struct ContextTests {
    /// A sender is not interrupted by the I/O thread that its first message wakes.
    @Test func ioThreadsAreScheduledInBatches() async throws {
      let policies = try await policiesOfThreads(3) { ZMQContext(ioThreads: 2) }
      // Two I/O threads, and the one that closes sockets.
      #expect(policies == [batch, batch, batch])
      // What was tried on a thread of ours is undone.
      #expect(sched_getscheduler(0) == SCHED_OTHER)
    }

    @Test func inheritedSchedulingIsLeftAlone() async throws {
      #expect(try await policiesOfThreads(2) { ZMQContext(ioScheduling: .inherited) } == [SCHED_OTHER, SCHED_OTHER])
    }

    /// `SCHED_BATCH`, sched(7).
    private let batch: Int32 = 3

    /// The policies of the threads that libzmq starts for a context, once it has started so many.
    private func policiesOfThreads(_ count: Int, _ makeContext: () -> ZMQContext) async throws -> [Int32] {
      let before = try threads()
      let context = makeContext()
      let socket = try ZMQSocket(.dealer, context: context)
      defer { socket.close() }
      // A thread takes its policy and then its name.
      try await eventually("the threads to have their names") {
        try threads().subtracting(before).count >= count
      }
      return try threads().subtracting(before).map(sched_getscheduler)
    }

    /// Those that libzmq has started in this process.
    private func threads() throws -> Set<Int32> {
      let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap(Int32.init)
      return Set(all.filter { name($0).hasPrefix("ZMQbg") })
    }

    private func name(_ thread: Int32) -> String {
      (try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)) ?? ""
    }
  }
#endif
