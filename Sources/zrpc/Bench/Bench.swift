internal import BenchmarkSupport
internal import Foundation
internal import MessagePack
internal import Synchronization
internal import ZeroRPC

/// Calls one method again and again, and measures it.
final class Bench: Sendable {
  /// Makes one call on a connection, and returns how many items its stream had; nil if it had none.
  typealias Call = @Sendable (_ connection: Int) async throws -> UInt64?

  private struct Recorder: ~Copyable, Sendable {
    let record = Mutex(BenchRecord())
  }

  /// Workers share a few recorders, so that they seldom wait for each other.
  private final class Recorders: Sendable {
    let first = Recorder()
    let second = Recorder()
    let third = Recorder()
    let fourth = Recorder()

    func change(_ worker: Int, _ edit: (inout BenchRecord) -> Void) {
      switch worker % 4 {
      case 0: first.record.withLock { edit(&$0) }
      case 1: second.record.withLock { edit(&$0) }
      case 2: third.record.withLock { edit(&$0) }
      default: fourth.record.withLock { edit(&$0) }
      }
    }

    var merged: BenchRecord {
      var all = BenchRecord()
      for worker in 0..<4 { change(worker) { all.merge($0) } }
      return all
    }
  }

  private let plan: BenchPlan
  private let connections: Int
  private let call: Call
  private let recorders = Recorders()
  private let made = Atomic<UInt64>(0)
  private let start = Atomic<UInt64>(0)
  private let schedule = LoadSchedule()

  init(_ plan: BenchPlan, connections: Int, call: @escaping Call) {
    (self.plan, self.connections, self.call) = (plan, connections, call)
  }

  /// What was measured so far.
  var progress: BenchResult {
    let start = start.load(ordering: .relaxed)
    var result = BenchResult(record: recorders.merged)
    if start > 0 { result.seconds = Double(MonotonicClock.nanoseconds - start) / 1e9 }
    return result
  }

  /// Makes the load. When its task is cancelled, calls that are under way are given up and do not count.
  func run() async -> BenchResult {
    start.store(MonotonicClock.nanoseconds, ordering: .relaxed)
    await withTaskGroup(of: Void.self) { group in
      if let rate = plan.rate {
        let calls = min(plan.requests ?? .max, plan.seconds.map { UInt64(($0 * rate).rounded(.up)) } ?? .max)
        for worker in 0..<plan.inFlight { group.addTask { await self.followSchedule(worker) } }
        schedule.begin(calls: max(1, calls), interval: 1e9 / rate)
        // It watches the clock, so it needs a thread of its own.
        Thread.detachNewThread { [schedule] in schedule.pace() }
      } else {
        for worker in 0..<plan.inFlight { group.addTask { await self.keepCalling(worker) } }
      }
      await withTaskCancellationHandler {
        await group.waitForAll()
      } onCancel: {
        schedule.abandon()
      }
    }
    var result = progress
    result.isInterrupted = Task.isCancelled
    return result
  }

  /// Makes the next call as soon as the last one is answered.
  private func keepCalling(_ worker: Int) async {
    let start = start.load(ordering: .relaxed)
    let deadline = plan.seconds.map { start + UInt64($0 * 1e9) } ?? .max
    while !Task.isCancelled {
      if let requests = plan.requests, made.wrappingAdd(1, ordering: .relaxed).oldValue >= requests { return }
      let before = MonotonicClock.nanoseconds
      if before >= deadline { return }
      await measure(worker, from: before)
    }
  }

  /// Makes the calls that are due. Their time counts from then, so that a stall shows in every call that it delays.
  private func followSchedule(_ worker: Int) async {
    while !Task.isCancelled, let due = await schedule.next() { await measure(worker, from: due) }
  }

  private func measure(_ worker: Int, from start: UInt64) async {
    do {
      let items = try await call(worker % connections)
      let nanoseconds = MonotonicClock.nanoseconds - start
      recorders.change(worker) { record in
        record.latency.record(nanoseconds)
        if let items {
          record.hasStreams = true
          record.items += items
        }
      }
    } catch {
      if error is CancellationError || Task.isCancelled { return }
      recorders.change(worker) { $0.note(error) }
    }
  }
}
