import CZeroMQ
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ZeroMQ

/// The event loop: jobs, the watchdog, wake-ups, sources, and its end.
@Suite(.serialized) struct EventLoopTests {
  @Test func everyJobRunsOnce() async throws {
    let loop = ZMQContext().eventLoop
    let ran = Counters(20_000)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<20_000 {
        group.addTask(executorPreference: loop) {
          ran.add(number)
          if number % 3 == 0 { await Task.yield() }
        }
      }
    }
    #expect(ran.all(equal: 1))
    #expect(loop.threadCount >= 2)
  }

  #if os(Linux)
    /// Where the system can (Linux 6.12), the loop's threads interrupt those that compute when something comes in for them.
    @Test(.enabled(if: zrpc_slice() > 0)) func threadsOfTheLoopAskForShortSlices() async throws {
      let loop = ZMQContext().eventLoop
      let slice = await Task(executorPreference: loop) { zrpc_slice() }.value
      #expect(slice > 0)
      #expect(slice < zrpc_slice())
    }

    /// Such as those of the pool that computes: what a handler does there must not interrupt others.
    @Test(.enabled(if: zrpc_slice() > 0)) func threadsBegunFromTheLoopHaveOrdinarySlices() async throws {
      let slice = await Task(executorPreference: ZMQContext().eventLoop) {
        let began = Mutex<UInt64?>(nil)
        let thread = Thread { began.withLock { $0 = zrpc_slice() } }
        thread.start()
        while !thread.isFinished { sched_yield() }
        return began.withLock(\.self)
      }.value
      #expect(slice == zrpc_slice())
    }
  #endif

  @Test(arguments: [1, 2, 5, 20])
  func othersProceedWhileJobsBlock(blockers: Int) async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let gate = Gate()
    let ran = Counters(blockers + 1_000)
    let blocked = (0..<blockers).map { number in
      Task(executorPreference: loop) {
        ran.add(number)
        gate.wait()
      }
    }
    // A blocked job keeps the queue for a few milliseconds each, until the watchdog has noticed.
    try await eventually("all blockers to run") { (0..<blockers).allSatisfy { ran[$0] == 1 } }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<1_000 { group.addTask(executorPreference: loop) { ran.add(blockers + number) } }
    }
    #expect(ran.all(equal: 1))
    #expect(!gate.isOpen)
    gate.open()
    for task in blocked { await task.value }
    // Those that nobody needs any more end.
    try await eventually("the spare threads to end") { loop.threadCount <= 2 + Roster.maximumSpares }
  }

  /// With more blockers than threads jobs must wait, but sources are served; afterwards everything ran once.
  @Test func moreBlockersThanThreads() async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let source = try TestSource(context)
    loop.register(source)
    let gate = Gate()
    let ran = Counters(Roster.limit + 40)
    let tasks = (0..<(Roster.limit + 40)).map { number in
      Task(executorPreference: loop) {
        ran.add(number)
        gate.wait()
      }
    }
    try await eventually("all threads to block") { ran.sum >= Roster.limit - 1 }
    #expect(loop.threadCount <= Roster.limit)
    for _ in 0..<20 {
      let before = source.services
      loop.visit(source)
      try await eventually("a visit") { source.services > before }
    }
    source.wakeUp(loop, after: 5_000_000)
    try await eventually("a timer") { source.firings == 1 }
    #expect(!gate.isOpen)
    gate.open()
    for task in tasks { await task.value }
    #expect(ran.all(equal: 1))
    // It runs jobs again.
    await Task(executorPreference: loop) {}.value
    loop.unregister(source)
    source.close()
  }

  /// A source that blocks, as by a logger that does, holds up nobody else for long.
  @Test func othersProceedWhileASourceBlocks() async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let gate = Gate()
    let blocking = try TestSource(context, blockedBy: gate)
    let other = try TestSource(context)
    loop.register(blocking)
    loop.register(other)
    try await eventually("the source to block") { blocking.services == 1 }
    await Task(executorPreference: loop) {}.value
    let before = other.services
    loop.visit(other)
    try await eventually("a visit") { other.services > before }
    #expect(!gate.isOpen)
    gate.open()
    for source in [blocking, other] {
      loop.unregister(source)
      source.close()
    }
  }

  /// A job that is taken over from many times over, with others that come and go.
  @Test func blockersComeAndGo() async throws {
    let loop = ZMQContext().eventLoop
    let ran = Counters(400)
    try await within(.seconds(60), "the jobs") {
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<400 {
          group.addTask(executorPreference: loop) {
            if number % 8 == 0 { sleepThread(nanoseconds: 4_000_000) }
            await Task.yield()
            ran.add(number)
          }
        }
      }
    }
    #expect(ran.all(equal: 1))
  }

  // MARK: Sources

  @Test func timersFireOnceAndNeverEarly() async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let sources = try (0..<20).map { _ in try TestSource(context) }
    for source in sources { loop.register(source) }
    for round in 1...20 {
      for (index, source) in sources.enumerated() { source.wakeUp(loop, after: UInt64(index % 5) * 1_000_000) }
      try await eventually("the timers of round \(round)") { sources.allSatisfy { $0.firings == round } }
    }
    #expect(sources.allSatisfy { $0.earlyFirings == 0 })
    for source in sources {
      loop.unregister(source)
      source.close()
    }
  }

  /// Every visit and every timer from another thread is answered, in lock-step: one that got lost would hang it.
  @Test(arguments: [1, 4])
  func wakeUpsFromOtherThreads(threads: Int) async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let finished = Counters(threads)
    let lost = Atomic<Int>(0)
    let slowest = Atomic<UInt64>(0)
    for number in 0..<threads {
      let source = try TestSource(context)
      loop.register(source)
      startThread(named: "test") {
        for round in 0..<3_000 {
          let before = source.services
          let start = MonotonicTime.now()
          if round % 10 == 0 {
            source.wakeUp(loop, after: 100_000)
          } else {
            loop.visit(source)
          }
          while source.services == before {
            if MonotonicTime.now() - start > 5_000_000_000 {
              lost.add(1, ordering: .relaxed)
              break
            }
          }
          let elapsed = MonotonicTime.now() - start
          if elapsed > slowest.load(ordering: .relaxed) { slowest.store(elapsed, ordering: .relaxed) }
          if lost.load(ordering: .relaxed) > 0 { break }
          if round % 100 == 0 { sleepThread(nanoseconds: 200_000) }
        }
        loop.unregister(source)
        source.close()
        finished.add(number)
      }
    }
    try await eventually("the threads to finish", within: .seconds(60)) { finished.all(equal: 1) }
    #expect(lost.load(ordering: .relaxed) == 0)
    // The leader wakes by itself after half a second: nothing may have waited for that.
    #expect(slowest.load(ordering: .relaxed) < 400_000_000)
  }

  @Test func jobsFromOtherThreadsWakeTheLeader() async throws {
    let loop = ZMQContext().eventLoop
    let clock = ContinuousClock()
    var slowest = Duration.zero
    for _ in 0..<2_000 {
      let start = clock.now
      await Task(executorPreference: loop) {}.value
      slowest = max(slowest, clock.now - start)
    }
    #expect(slowest < .milliseconds(400))
  }

  @Test func sourcesComeAndGoUnderLoad() async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let isOver = Atomic<Bool>(false)
    let load = Task(executorPreference: loop) {
      while !isOver.load(ordering: .relaxed) { await Task.yield() }
    }
    try await within(.seconds(60), "the sources") {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for round in 0..<150 {
              let source = try TestSource(context)
              loop.register(source)
              try await eventually("the first service") { source.services > 0 }
              if round % 2 == 0 {
                source.wakeUp(loop, after: 0)
                try await eventually("a timer") { source.firings == 1 }
              }
              loop.unregister(source)
              loop.unregister(source)
              source.close()
            }
          }
        }
        try await group.waitForAll()
      }
    }
    isOver.store(true, ordering: .relaxed)
    await load.value
    #expect(loop.sources.withLock { $0.count } == 0)
  }

  /// However many jobs wait, what comes in is noticed.
  @Test func descriptorsAreLookedAtWhileJobsNeverRunOut() async throws {
    let loop = ZMQContext().eventLoop
    let gate = Gate()
    let source = try PipeSource()
    loop.register(source)
    try await within(.seconds(60), "the bytes") {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<1_000 {
          group.addTask(executorPreference: loop) {
            while !gate.isOpen, !Task.isCancelled { await Task.yield() }
          }
        }
        try await eventually("the jobs to wait") { loop.queuedJobs > 500 }
        for number in 1...50 {
          source.send()
          try await eventually("byte \(number)") { source.received == number }
        }
        gate.open()
        try await group.waitForAll()
      }
    }
    loop.unregister(source)
    source.close()
  }

  /// What a source wakes runs before the next source has its turn, so that little waits and memory is touched once: whether
  /// sources are ready at the same time or somebody asked for visits.
  @Test(arguments: [true, false])
  func whatASourceWakesRunsBeforeTheNextSource(isReady: Bool) async throws {
    let loop = ZMQContext().eventLoop
    let order = Order()
    let sources = try (0..<8).map { number in
      try PipeSource { _ in
        guard order.served(number) else { return }
        Task(executorPreference: loop) { order.ran(number) }
      }
    }
    // Serving this one makes all others ready before the next look at descriptors.
    let first = try PipeSource { bytes in
      guard bytes > 0 else { return }
      for source in sources { if isReady { source.send() } else { loop.visit(source) } }
    }
    for source in sources + [first] { loop.register(source) }
    try await eventually("the first visits") { (sources + [first]).allSatisfy { $0.services > 0 } }
    // The system may suspend the leader in between, so that another one goes on.
    var isInTurn = false
    for _ in 0..<50 where !isInTurn {
      order.begin()
      first.send()
      try await eventually("the jobs") { order.count == 16 }
      isInTurn = order.isInTurn
    }
    #expect(isInTurn)
    for source in sources + [first] {
      loop.unregister(source)
      source.close()
    }
  }

  // MARK: Its end

  @Test func stopsAndStartsAgain() async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    for round in 0..<30 {
      let ran = Counters(50)
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<50 {
          group.addTask(executorPreference: loop) {
            if round % 3 == 0, number == 0 { sleepThread(nanoseconds: 3_000_000) }
            ran.add(number)
          }
        }
      }
      #expect(ran.all(equal: 1))
      loop.stop()
      try await eventually("the threads to end") { loop.threadCount == 0 }
    }
  }

  /// A stop that races with work loses none of it.
  @Test func stopsWhileJobsArrive() async throws {
    let context = ZMQContext()
    let loop = context.eventLoop
    let ran = Counters(2_000)
    try await within(.seconds(60), "the jobs") {
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<2_000 {
          group.addTask(executorPreference: loop) { ran.add(number) }
          if number % 20 == 0 { loop.stop() }
        }
      }
    }
    #expect(ran.all(equal: 1))
    loop.stop()
    try await eventually("the threads to end") { loop.threadCount == 0 }
  }
}

/// A source that counts how often it is served, and whether its timer was due.
private final class TestSource: EventSource {
  let registration: EventRegistration
  private let socket: SocketHandle
  private let served = Atomic<Int>(0)
  private let fired = Atomic<Int>(0)
  private let early = Atomic<Int>(0)
  private let due = Atomic<UInt64>(MonotonicTime.never)
  private let gate: Gate?

  init(_ context: ZMQContext, blockedBy gate: Gate? = nil) throws {
    self.gate = gate
    socket = try context.open(.pair)
    registration = EventRegistration(descriptor: socket.descriptor)
  }

  var services: Int { served.load(ordering: .sequentiallyConsistent) }
  var firings: Int { fired.load(ordering: .sequentiallyConsistent) }
  var earlyFirings: Int { early.load(ordering: .sequentiallyConsistent) }

  func wakeUp(_ loop: EventLoop, after nanoseconds: UInt64) {
    let time = MonotonicTime.now() + nanoseconds
    due.store(time, ordering: .sequentiallyConsistent)
    loop.schedule(self, at: time)
  }

  func service(now: UInt64) -> Bool {
    let time = due.load(ordering: .sequentiallyConsistent)
    if time <= now {
      if MonotonicTime.now() < time { early.add(1, ordering: .relaxed) }
      let (exchanged, _) = due.compareExchange(
        expected: time, desired: MonotonicTime.never, ordering: .sequentiallyConsistent)
      if exchanged { fired.add(1, ordering: .sequentiallyConsistent) }
    }
    registration.deadline.store(due.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
    served.add(1, ordering: .sequentiallyConsistent)
    gate?.wait()
    return false
  }

  func close() { socket.close() }
}

/// Counts per number from any thread.
private final class Counters: Sendable {
  private let counts: Mutex<[Int]>

  init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

  func add(_ index: Int) { counts.withLock { $0[index] += 1 } }
  subscript(index: Int) -> Int { counts.withLock { $0[index] } }
  var sum: Int { counts.withLock { $0.reduce(0, +) } }
  func all(equal value: Int) -> Bool { counts.withLock { $0.allSatisfy { $0 == value } } }
}

/// Blocks threads until it is opened.
private final class Gate: Sendable {
  private let condition = NSCondition()
  private let state = Atomic<Bool>(false)

  var isOpen: Bool { state.load(ordering: .sequentiallyConsistent) }

  func wait() {
    condition.lock()
    while !isOpen { condition.wait() }
    condition.unlock()
  }

  func open() {
    condition.lock()
    state.store(true, ordering: .sequentiallyConsistent)
    condition.broadcast()
    condition.unlock()
  }
}

/// Writes down which sources were served, once each, and which of their jobs ran.
private final class Order: Sendable {
  private enum Entry: Equatable { case served(Int), ran(Int) }

  private let entries = Mutex<[Entry]?>(nil)

  func begin() { entries.withLock { $0 = [] } }

  func served(_ number: Int) -> Bool {
    entries.withLock { entries in
      guard entries?.contains(.served(number)) == false else { return false }
      entries?.append(.served(number))
      return true
    }
  }

  func ran(_ number: Int) { entries.withLock { $0?.append(.ran(number)) } }

  var count: Int { entries.withLock { $0?.count ?? 0 } }

  /// Whether each job ran right after its source was served.
  var isInTurn: Bool {
    let entries = entries.withLock { $0 ?? [] }
    return entries.enumerated().allSatisfy { index, entry in
      guard case .served(let number) = entry else { return true }
      return index + 1 < entries.count && entries[index + 1] == .ran(number)
    }
  }
}

/// A source that counts the bytes that were sent to it.
private final class PipeSource: EventSource {
  let registration: EventRegistration
  private let input: Int32
  private let output: Int32
  private let count = Atomic<Int>(0)
  private let served = Atomic<Int>(0)
  private let atService: @Sendable (_ bytes: Int) -> Void

  init(atService: @escaping @Sendable (_ bytes: Int) -> Void = { _ in }) throws {
    self.atService = atService
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw NeverHappened("the system has no pipe") }
    (input, output) = (ends[0], ends[1])
    registration = EventRegistration(descriptor: input)
  }

  var received: Int { count.load(ordering: .sequentiallyConsistent) }
  var services: Int { served.load(ordering: .sequentiallyConsistent) }

  func send() {
    var byte: UInt8 = 0
    _ = write(output, &byte, 1)
  }

  func service(now: UInt64) -> Bool {
    var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    var bytes: (UInt64, UInt64) = (0, 0)
    var total = 0
    while poll(&state, 1, 0) == 1 {
      let length = read(input, &bytes, 16)
      guard length > 0 else { break }
      total += length
    }
    atService(total)
    count.add(total, ordering: .sequentiallyConsistent)
    served.add(1, ordering: .sequentiallyConsistent)
    return false
  }

  func close() {
    for end in [input, output] { closeDescriptor(end) }
  }
}

private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
