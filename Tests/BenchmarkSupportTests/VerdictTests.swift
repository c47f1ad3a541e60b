import Testing

@testable import BenchmarkSupport

@Suite struct VerdictTests {
  private let floor = SubjectName.floor
  private let ours = SubjectName.zeroRPC

  /// A run of a thousand messages, all with the same latency.
  private func run(nanoseconds: UInt64, elapsed: UInt64 = 1_000_000_000, received: UInt64 = 1000) -> MeasuredRun {
    var latency = Histogram()
    latency.record(nanoseconds)
    let started = ProcessUsage(
      time: 0, userNanoseconds: 0, systemNanoseconds: 0, voluntarySwitches: 0, involuntarySwitches: 0,
      maximumResidentBytes: 0)
    var ended = started
    ended.time = elapsed
    let options = LoadOptions(endpoint: "tcp://127.0.0.1:1", mode: .sequential)
    return MeasuredRun(
      load: LoadResult(
        subject: "made up", options: options, sent: received, received: received, latency: latency, from: started,
        to: ended))
  }

  private func target(_ title: String) throws -> Target {
    try #require(Target.catalogue.first { $0.title == title })
  }

  @Test func titlesAreUnique() {
    #expect(Set(Target.catalogue.map(\.title)).count == Target.catalogue.count)
  }

  @Test func nothingMeasuredIsNotAFailure() {
    for target in Target.catalogue {
      let verdict = target.verdict(on: ResultTable())
      #expect(verdict.outcome == .notMeasured)
      #expect(verdict.figure == nil)
    }
  }

  @Test(arguments: [(134 as UInt64, Verdict.Outcome.met), (136, .missed)])
  func latencyIsJudgedByItsRatioToTheFloor(microseconds: UInt64, outcome: Verdict.Outcome) throws {
    var table = ResultTable()
    table.add(run(nanoseconds: 100_000), of: floor, in: .sequentialTCP)
    table.add(run(nanoseconds: microseconds * 1000), of: ours, in: .sequentialTCP)
    let verdict = try target("sequential p50, plain async caller, to the floor").verdict(on: table)
    #expect(verdict.outcome == outcome)
    #expect(abs(try #require(verdict.figure) - Double(microseconds) / 100) < 0.001)
  }

  @Test func aLongTailIsComparedWithTheMachinesOwn() throws {
    var table = ResultTable()
    table.add(run(nanoseconds: 100), of: floor, in: .halfOfPeak)
    table.add(run(nanoseconds: 1000), of: ours, in: .halfOfPeak)
    table.stalls[.halfOfPeak] = [Stalls([0..<1_800], during: 1_000_000)]
    let verdict = try target("p99.9 at half of peak, plain async callers, to the floor's p50 at the same rate").verdict(
      on: table)
    #expect(verdict.outcome == .missed)
    #expect(verdict.reason?.contains("waiting for 8.0 times that p50") == true, "\(verdict.reason ?? "no reason")")
  }

  @Test func ratiosArePairedByRound() throws {
    // The machine gets three times slower in the second round: each pair still has the ratio 2.
    var table = ResultTable()
    for slowdown: UInt64 in [1, 3, 1] {
      table.add(run(nanoseconds: 100 * slowdown), of: floor, in: .sequentialTCP)
      table.add(run(nanoseconds: 200 * slowdown), of: ours, in: .sequentialTCP)
    }
    let ratio = try #require(table.ratio(.p50, of: ours, to: floor, in: .sequentialTCP))
    #expect(abs(ratio - 2) < 0.02)
  }

  @Test func scenariosThatAreComparedArePairedByRound() throws {
    // The machine gets three times slower in the second round, and the thousand always has three quarters of the ten.
    var table = ResultTable()
    for slowdown: UInt64 in [1, 3, 1, 3] {
      table.add(run(nanoseconds: 1, received: 6000 / slowdown), of: ours, in: .connections(10))
      table.add(run(nanoseconds: 1, received: 4500 / slowdown), of: ours, in: .connections(1000))
    }
    let verdict = try target("1000 connections, plain async callers, to 10 connections").verdict(on: table)
    #expect(verdict.figure == 0.75)
    #expect(verdict.outcome == .missed)
  }

  @Test func aSubjectThatDroppedOutKeepsThePairsItHas() throws {
    var table = ResultTable()
    table.add(run(nanoseconds: 100), of: floor, in: .sequentialTCP)
    table.add(run(nanoseconds: 150), of: ours, in: .sequentialTCP)
    table.add(run(nanoseconds: 100), of: floor, in: .sequentialTCP)
    #expect(table.ratio(.p50, of: ours, to: floor, in: .sequentialTCP) == 1.5)
    #expect(table.ratio(.p50, of: "nobody", to: floor, in: .sequentialTCP) == nil)
  }

  @Test func throughputIsJudgedAtItsLowerBound() throws {
    var table = ResultTable()
    table.add(run(nanoseconds: 1, received: 1000), of: floor, in: .tcp64)
    table.add(run(nanoseconds: 1, received: 550), of: ours, in: .tcp64)
    var verdict = try target("64 in flight, plain async callers, to the floor").verdict(on: table)
    #expect(verdict.outcome == .met)
    #expect(verdict.reason == nil)
    table = ResultTable()
    table.add(run(nanoseconds: 1, received: 1000), of: floor, in: .tcp64)
    table.add(run(nanoseconds: 1, received: 549), of: ours, in: .tcp64)
    verdict = try target("64 in flight, plain async callers, to the floor").verdict(on: table)
    #expect(verdict.outcome == .missed)
    #expect(verdict.reason?.contains("processor time") == true)
  }

  @Test func streamsAreJudgedByTheirBestWindow() throws {
    var table = ResultTable()
    table.add(run(nanoseconds: 1, received: 300_000), of: ours, in: Scenario(.stream, inFlight: 100))
    table.add(run(nanoseconds: 1, received: 500_000), of: ours, in: Scenario(.stream, inFlight: 1000))
    let verdict = try target("stream, best window").verdict(on: table)
    #expect(verdict.outcome == .met)
    #expect(verdict.figure == 500_000)
  }

  @Test func thePeakIsTheBestOfLikeScenarios() {
    var table = ResultTable()
    table.add(run(nanoseconds: 1, received: 500), of: ours, in: .tcp64)
    table.add(run(nanoseconds: 1, received: 900), of: ours, in: .tcp1024)
    table.add(run(nanoseconds: 1, received: 9000), of: ours, in: Scenario(.pipelined, over: .inproc, inFlight: 64))
    #expect(table.peakRate(of: ours, like: .halfOfPeak) == 900)
    #expect(table.peakRate(of: floor, like: .halfOfPeak) == nil)
  }

  @Test func allocationsAreJudgedPerSide() throws {
    var table = ResultTable()
    table.allocations[ours] = AllocationFigures(client: 8, server: 8.5, clientInLibzmq: 3, serverInLibzmq: 3)
    #expect(try target("heap allocations per call, client").verdict(on: table).outcome == .met)
    #expect(try target("heap allocations per call, server").verdict(on: table).outcome == .missed)
  }

  @Test func mediansOfEvenAndOddCounts() {
    #expect(Statistics.median([3, 1, 2]) == 2)
    #expect(Statistics.median([4, 1, 2, 3]) == 2.5)
    #expect(Statistics.median([]) == nil)
  }
}
