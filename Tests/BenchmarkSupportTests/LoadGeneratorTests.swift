import Synchronization
import Testing

@testable import BenchmarkSupport

@Suite struct LoadGeneratorTests {
  private func options(_ mode: LoadMode, inFlight: Int = 1, count: UInt64 = 1000) -> LoadOptions {
    var options = LoadOptions(endpoint: "none", mode: mode)
    options.inFlight = inFlight
    options.count = count
    options.warmup = 10
    return options
  }

  @Test func sequentialRecordsEveryCall() async throws {
    let result = try await LoadGenerator(subject: "fake", options: options(.sequential)).run { _ in 60 }
    #expect(result.sent == 1000)
    #expect(result.received == 1000)
    #expect(result.latency.count == 1000)
  }

  @Test(arguments: [1, 7, 64])
  func pipelinedKeepsSoManyInFlightAndNoMore(inFlight: Int) async throws {
    let running = Mutex((now: 0, most: 0, calls: 0))
    let load = LoadGenerator(subject: "fake", options: options(.pipelined, inFlight: inFlight, count: 1003))
    let result = try await load.run { _ in
      running.withLock {
        $0.now += 1
        $0.calls += 1
        $0.most = max($0.most, $0.now)
      }
      await Task.yield()
      running.withLock { $0.now -= 1 }
      return 60
    }
    #expect(result.sent == 1003)
    #expect(result.received == 1003)
    #expect(running.withLock { $0.most } <= inFlight)
    #expect(running.withLock { $0.calls } == 1013)
  }

  @Test func connectionsShareTheCallsInFlight() async throws {
    var options = options(.pipelined, inFlight: 7, count: 1003)
    options.connections = 3
    let running = Mutex((now: [0, 0, 0], most: [0, 0, 0], calls: 0))
    let result = try await LoadGenerator(subject: "fake", options: options).run { connection in
      running.withLock {
        $0.now[connection] += 1
        $0.calls += 1
        $0.most[connection] = max($0.most[connection], $0.now[connection])
      }
      await Task.yield()
      running.withLock { $0.now[connection] -= 1 }
      return 60
    }
    #expect(result.received == 1003)
    #expect(running.withLock { $0.calls } == 1013)
    let most = running.withLock { $0.most }
    #expect(zip(most, [3, 2, 2]).allSatisfy { $0 <= $1 }, "\(most)")
  }

  @Test func aLoadOfSecondsEndsForAllAtOnce() async throws {
    var options = options(.pipelined, inFlight: 64)
    options.count = nil
    options.seconds = 0.02
    options.warmup = 0
    let made = Atomic<UInt64>(0)
    let result = try await LoadGenerator(subject: "fake", options: options).run { _ in
      made.add(1, ordering: .relaxed)
      await Task.yield()
      return 60
    }
    #expect(result.sent == made.load(ordering: .relaxed))
    #expect(result.elapsedNanoseconds >= 20_000_000)
    // None at all when the time is over before the first caller gets a thread.
    #expect(result.latency.count <= result.sent)
  }

  @Test func aLoadHasEndedWhenItsLastCallerIsAnswered() {
    let end = LoadEnd(callers: 2, deadline: 100)
    #expect(!end.isReached(at: 99))
    #expect(!end.isReached)
    #expect(end.isReached(at: 100))
    #expect(end.isReached)
    end.callerIsDone()
    #expect(end.usage == nil)
    let before = MonotonicClock.nanoseconds
    end.callerIsDone()
    let usage = end.usage
    #expect((before...MonotonicClock.nanoseconds).contains(usage?.time ?? 0))
  }

  @Test func openLoopMakesEveryCallOfTheSchedule() async throws {
    var options = options(.openLoop, count: 200)
    options.rate = 20_000
    let result = try await LoadGenerator(subject: "fake", options: options).run { _ in 60 }
    #expect(result.received == 200)
    // The first quarter does not count.
    #expect(result.latency.count == 150)
    #expect(result.elapsedNanoseconds >= 199 * 50_000)
  }

  @Test func streamsAreCountedAndLeft() async throws {
    let load = LoadGenerator(subject: "fake", options: options(.stream, count: 500))
    let result = try await load.runStream { limit, item in
      for _ in 0..<limit where try !item(60) { break }
    }
    #expect(result.sent == 500)
    #expect(result.received == 500)
  }

  @Test(arguments: [LoadMode.sequential, .pipelined, .openLoop])
  func aReplyOfAnotherSizeEndsTheRun(mode: LoadMode) async {
    var options = options(mode)
    options.rate = 1000
    let load = LoadGenerator(subject: "fake", options: options)
    await #expect(throws: LoadError.self) { try await load.run { _ in 59 } }
  }

  @Test func aSubjectsCommandLineIsRead() throws {
    let (command, extra) = try SubjectCommand.parse(
      [
        "load", "--endpoint", "tcp://127.0.0.1:1", "--mode", "pipelined", "--in-flight", "64", "--seconds", "0.5",
        "--caller", "plain",
      ],
      extra: ["caller"])
    var expected = LoadOptions(endpoint: "tcp://127.0.0.1:1", mode: .pipelined)
    expected.inFlight = 64
    expected.seconds = 0.5
    #expect(command == .load(expected))
    #expect(extra == ["caller": "plain"])
  }

  @Test(
    arguments: [
      ([], "the role is missing"), (["load"], "--endpoint is missing"), (["walk", "--endpoint", "x"], "'walk'"),
      (["load", "--endpoint"], "needs a value"), (["load", "--endpoint", "x", "--nope", "1"], "'--nope'"),
      (["load", "--endpoint", "x", "--mode", "fast"], "'fast'"),
      (["load", "--endpoint", "x"], "--count and --seconds"),
      (["load", "--endpoint", "x", "--count", "many"], "'many'"),
    ] as [([String], String)])
  func aBadCommandLineIsNamed(arguments: [String], part: String) {
    let problem = #expect(throws: SubjectCommand.Problem.self) { try SubjectCommand.parse(arguments) }
    #expect(problem?.description.contains(part) == true)
  }
}
