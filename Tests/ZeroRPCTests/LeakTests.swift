import MessagePack
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Channels, timers, tasks and continuations are counted, and none outlives its call.
  ///
  /// The harness asserts the same at the end of every test; here the counters are seen to count.
  @Suite struct LeakTests {
    /// Runs a server and a client in a context of their own, so that the loop's jobs and sockets are theirs alone.
    private func withContext(
      heartbeat: Duration, _ body: (Harness) async throws -> Void
    ) async throws {
      let context = ZMQContext()
      try await withHarness(
        server: {
          $0.context = context
          $0.heartbeat = heartbeat
        },
        client: {
          $0.context = context
          $0.heartbeat = heartbeat
        }, body)
      try await eventually("no socket on the loop") { context.eventLoop.sourceCount == 0 }
      try await eventually("no job on the loop") { context.eventLoop.queuedJobs == 0 }
    }

    @Test func countersCount() async throws {
      try await withContext(heartbeat: .seconds(30)) { harness in
        let (specimen, count) = (harness.specimen, 40)
        let waits = (0..<count).map { _ in Task { try await specimen.wait("w") } }
        var streams: [RPCStream<Int>] = []
        for _ in 0..<count { streams.append(try await specimen.endless("e")) }
        try await harness.journal.wait(for: "w started", count: count)

        // A caller each waits, and on the other side a producer for each stream that nobody reads.
        let ofClient = OpenResources(calls: 2 * count, timers: 2 * count, continuations: count, tasks: 0, events: 0)
        try await eventually("\(ofClient), not \(harness.client.openResources)") {
          harness.client.openResources == ofClient
        }
        let ofServer = OpenResources(
          calls: 2 * count, timers: 2 * count, continuations: count, tasks: 2 * count, events: 0)
        try await eventually("\(ofServer), not \(harness.server.openResources)") {
          harness.server.openResources == ofServer
        }

        harness.journal.release("w")
        for wait in waits { try await wait.value }
        streams = []
        try await harness.journal.wait(for: "e ended", count: count)
      }
    }

    /// A consumer that waits for an item is one continuation; one that waits for nothing is none.
    @Test func waitingConsumers() async throws {
      try await withContext(heartbeat: .seconds(30)) { harness in
        let stream = try await harness.specimen.pausing("p", after: 1)
        let items = Task { try await collect(stream) }
        try await eventually("the consumer to wait") { harness.client.openResources.continuations == 1 }
        harness.journal.release("p")
        #expect(try await items.value == [0])
      }
    }

    /// Ends in every way that a call can end, all at once and several times.
    @Test func everyEndingAtOnce() async throws {
      try await withContext(heartbeat: .milliseconds(500)) { harness in
        let (specimen, journal) = (harness.specimen, harness.journal)
        let mute = try RawSocket(.router, binding: "tcp://127.0.0.1:*")
        defer { mute.close() }
        var configuration = RPCClientConfiguration()
        configuration.heartbeat = .milliseconds(300)
        try await withRPCClient(connectingTo: mute.endpoint, configuration: configuration) { lonely in
          for round in 0..<3 {
            // Clients that vanish: the server finds out by their heartbeats.
            let vanishing = try RawSocket(.dealer, connecting: harness.endpoint)
            for number in 0..<20 {
              let method: MessagePackValue = number % 2 == 0 ? "wait" : "endless"
              try vanishing.send([[], try RawEvent.request(method, ["lost"], id: MessagePackValue(number))])
            }
            try await journal.wait(for: "lost started", count: 20 * (round + 1))
            vanishing.close()

            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
              for number in 0..<30 {
                group.addTask { try await specimen.add(number, 1) == number + 1 ? "value" : "wrong" }
                group.addTask { await outcome { try await specimen.fail("boom") } }
                group.addTask { await outcome { try await specimen.with { $0.timeout = .milliseconds(50) }.wait("t") } }
                group.addTask {
                  await outcome { try await withRPCTimeout(.milliseconds(50)) { try await specimen.wait("t") } }
                }
                group.addTask {
                  let call = Task { try await specimen.wait("c") }
                  try await Task.sleep(for: .milliseconds(number))
                  call.cancel()
                  return await outcome { try await call.value }
                }
                group.addTask {
                  for try await item in try await specimen.endless("left") where item == number { break }
                  return "left"
                }
                group.addTask { try await collect(try await specimen.count(to: 120)).count == 120 ? "stream" : "wrong" }
                group.addTask { await outcome { _ = try await collect(try await specimen.failing(after: number)) } }
                group.addTask { await outcome { try await SpecimenClient(lonely).nothing() } }
              }
              var outcomes: [String: Int] = [:]
              for try await outcome in group { outcomes[outcome, default: 0] += 1 }
              return outcomes
            }
            #expect(
              outcomes == [
                "value": 30, "RemoteError": 60, "timeout": 60, "CancellationError": 30, "left": 30, "stream": 30,
                "lostPeer": 30,
              ])
            try await expectNothingOpen(harness.client)
            try await expectNothingOpen(lonely, "client of a mute server")
            try await expectNothingOpen(harness.server)
            #expect(journal.count("lost ended") == 20 * (round + 1))
          }
        }
      }
    }
  }
}

/// Names the way in which a call ends.
private func outcome(_ call: () async throws -> Void) async -> String {
  do {
    try await call()
    return "value"
  } catch let error as RPCError {
    return "\(error.code)"
  } catch {
    return "\(type(of: error))"
  }
}
