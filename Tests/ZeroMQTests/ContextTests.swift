import Foundation
import Testing
import ZeroMQ

#if os(Linux)
  /// What a context asks of the system. Serialized: the tests count the threads of the process.
  @Suite(.serialized) struct ContextTests {
    /// A sender is not interrupted by the I/O thread that its first message wakes.
    @Test func ioThreadsAreScheduledInBatches() throws {
      let before = try batchThreads()
      let context = ZMQContext(ioThreads: 2)
      let socket = try ZMQSocket(.dealer, context: context)
      // Two I/O threads, and the one that closes sockets.
      #expect(try batchThreads().subtracting(before).count == 3)
      // What was tried on this thread is undone.
      #expect(sched_getscheduler(0) == SCHED_OTHER)
      socket.close()
    }

    @Test func inheritedSchedulingIsLeftAlone() throws {
      let before = try batchThreads()
      let context = ZMQContext(ioScheduling: .inherited)
      let socket = try ZMQSocket(.dealer, context: context)
      #expect(try batchThreads().subtracting(before).isEmpty)
      socket.close()
    }

    /// The threads of this process whose policy is `SCHED_BATCH`, 3 (sched(7)).
    private func batchThreads() throws -> Set<Int32> {
      let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
      return Set(names.compactMap(Int32.init).filter { sched_getscheduler($0) == 3 })
    }
  }
#endif
