import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

extension PythonInterop {
  /// What is known to go wrong in the reference and must not go wrong here, with the real Python on the other side.
  @Suite(.about(.referenceBugs)) struct ReferenceBugTests {
    /// (a) A call whose peer was lost stays in the reference's channel table for ever.
    @Test(.swift(.client, with: .python)) func lostCallsLeaveNothing() async throws {
      try await withPython("serve(heartbeat=0.3)", { $0.heartbeat = .milliseconds(300) }) { python, client in
        let calls = (0..<20).map { _ in Task { () -> Double in try await client.remote.wait(60) } }
        try await eventually("the calls to be open") { client.openCalls == 20 }
        python.suspend()
        var outcomes: [String: Int] = [:]
        for call in calls { outcomes[await outcome { try await call.value }, default: 0] += 1 }
        // (c) With async_=True the reference throws the loss into the caller's greenlet, and the result never comes.
        row(
          "20 calls under way when the peer is lost, bug (c)", expected: ["lostPeer": 20], seen: outcomes,
          reference: "LostRemote hits the caller, not the result")
        row(
          "what is left of them, bug (a)", expected: "\(OpenResources())", seen: client.openResources,
          reference: "one channel per loss is never removed")
      }
    }

    /// (e) With its pool exhausted, the reference reads no heartbeats of the calls that run.
    @Test(.swift(.server, with: .python)) func manyCallsThatWait() async throws {
      // Python gives up a peer of which it has read nothing for one interval, if it was itself held up for another; a machine
      // that stands still for an interval does both.
      try await withServer({ $0.heartbeat = .seconds(2) }) { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run("c = connect('\(endpoint)', heartbeat=2)")
        try await python.run("waits = [gevent.spawn(c.sleep, 10) for _ in range(300)]")
        try await expect(
          python, "sorted(collections.Counter(str(error_of(g.get)) for g in waits).items())", "[('None', 300)]",
          title: "300 calls that wait for 5 intervals, bug (e)",
          reference: "pool_size reached: heartbeats are not read, all calls are lost")
      }
    }

    /// (f) When ZeroMQ's queue is full, a call of the reference blocks for ever whatever its time-out.
    @Test(.swift(.client, with: .raw)) func unreachableServer() async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      var configuration = RPCClientConfiguration()
      configuration.timeout = .seconds(1)
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        let outcomes = await withTaskGroup(of: String.self) { group in
          for _ in 0..<1_500 { group.addTask { await outcome { () -> Int in try await client.remote.add(1, 2) } } }
          var outcomes: [String: Int] = [:]
          for await outcome in group { outcomes[outcome, default: 0] += 1 }
          return outcomes
        }
        row(
          "1500 calls to a server that is not there, bug (f)", expected: ["timeout": 1_500], seen: outcomes,
          reference: "the 1001st call blocks for ever")
        try await expectNothingOpen(client)
      }
    }

    /// (g) A client of two servers: grants and heartbeats of the reference go to either in turn, and every stream fails.
    @Test(.swift(.client, with: .python)) func streamsFromTwoServers() async throws {
      try await withPython("serve(heartbeat=1)", { $0.heartbeat = .seconds(1) }) { python, client in
        try client.connect(try await python.string("serve(heartbeat=1)"))
        var complete = 0
        for _ in 0..<6 {
          let stream: RPCStream<Int> = try await client.remote.count.stream(300)
          if try await collect(stream) == Array(0..<300) { complete += 1 }
        }
        row(
          "6 streams by a client of two servers, bug (g)", expected: 6, seen: complete,
          reference: "every stream fails")
      }
    }

    /// Handlers that end by what is no Exception: the reference answers nothing.
    @Test(.swift(.client, with: .python)) func handlerThatAnswersNothing() async throws {
      try await withPython("serve(heartbeat=0.3)", { $0.heartbeat = .milliseconds(300) }) { python, client in
        try await python.run("def vanish(): raise gevent.GreenletExit()\nservice.vanish = vanish")
        try await python.run("endpoint = serve(heartbeat=0.3)")
        try client.connect(try await python.string("endpoint"))
        try client.disconnect(client.endpoints[0])
        row(
          "a Python handler that ends without an answer", expected: "lostPeer",
          seen: await outcome { try await client.remote.vanish() },
          reference: "its server sends no reply for a BaseException")
      }
    }

    /// The same in Swift: whatever a handler throws is answered.
    @Test(.swift(.server, with: .python)) func handlersThatCancelThemselves() async throws {
      struct Quitter: RPCService {
        var zeroRPCGenerated: RPCServiceDefinition {
          RPCServiceDefinition(
            name: "Quitter", methods: [RPCMethodDefinition("leave") { _ in throw CancellationError() }])
        }
      }
      try await withServer(services: [Quitter()]) { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run("c = connect('\(endpoint)')")
        try await expect(
          python, "error_of(lambda: c.leave())[0]", "'CancellationError'",
          title: "a handler that throws CancellationError",
          reference: "GreenletExit in a handler: no reply, the caller is lost")
      }
    }

    // MARK: Heartbeats that differ

    @Test(.swift(.client, with: .python), .about(.heartbeats)) func clientWithoutHeartbeats() async throws {
      try await withPython(
        "serve(heartbeat=0.3)",
        {
          $0.heartbeat = nil
          $0.timeout = .seconds(2)
        }
      ) { python, client in
        let seen = await outcome { () -> Double in try await client.remote.wait(60) }
        row(
          "heartbeats at the server only: its handler is killed, the client times out", expected: "timeout; ['ended']",
          seen: "\(seen); \(try await python.eval("service.log"))")
      }
    }

    @Test(.swift(.server, with: .python), .about(.heartbeats)) func serverWithHeartbeatsOnly() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .milliseconds(300) }) { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run("c = connect('\(endpoint)', heartbeat=None, timeout=2)")
        try await expect(
          python, "error_of(lambda: c.wait('w'))", "['TimeoutExpired']",
          title: "heartbeats at the server only: the client times out")
        row(
          "and its handler is cancelled before", expected: "1 cancelled",
          seen: "\(journal.count("w cancelled")) cancelled")
      }
    }

    @Test(.swift(.client, with: .python), .about(.heartbeats)) func serverWithoutHeartbeats() async throws {
      try await withPython("serve(heartbeat=None)", { $0.heartbeat = .milliseconds(300) }) { _, client in
        let clock = ContinuousClock()
        let start = clock.now
        let seen = await outcome { () -> Double in try await client.remote.wait(60) }
        let elapsed = clock.now - start
        row(
          "heartbeats at the client only", expected: "lostPeer after 2 to 4 intervals",
          seen: "\(seen) after \(intervals(elapsed, of: .milliseconds(300)))",
          if: seen == "lostPeer" && elapsed > .milliseconds(600) && elapsed < .milliseconds(2_400))
      }
    }

    // MARK: Who binds

    /// What zerorpc calls a zeroworker: the server connects to a client that is bound.
    @Test(.swift(.client, with: .python), .about(.endpoints)) func pythonServerConnects() async throws {
      let client = RPCClient()
      defer { client.close() }
      let endpoint = try client.bind("tcp://127.0.0.1:*")
      let python = try PythonPeer()
      defer { python.kill() }
      try await python.run("s = zerorpc.Server(service); s.connect('\(endpoint)'); gevent.spawn(s.run)")
      row("a client that binds", expected: "3", seen: await outcome { () -> Int in try await client.remote.add(1, 2) })
      let items = try await collect(try await client.remote.count.stream(250) as RPCStream<Int>)
      row("a stream of 250 to a client that binds", expected: true, seen: items == Array(0..<250))
    }

    @Test(.swift(.server, with: .python), .about(.endpoints)) func pythonClientBinds() async throws {
      let python = try PythonPeer()
      defer { python.kill() }
      try await python.run("c = zerorpc.Client(); c.bind('tcp://127.0.0.1:*')")
      let endpoint = try await python.string("c._events._socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip('\\0')")
      let server = RPCServer(services: [SpecimenService(Journal())])
      try await server.connect(endpoint)
      let running = Task { try await server.run() }
      try await expect(python, "c.add(1, 2)", "3", title: "a server that connects")
      try await expect(
        python, "list(c.count(250)) == list(range(250))", "True", title: "a stream of 250 of a server that connects")
      running.cancel()
      try await running.value
    }

    @Test(.swift(.client, with: .python), .about(.endpoints)) func connectAndDisconnect() async throws {
      try await withPython("serve()") { python, client in
        let first = client.endpoints[0]
        let second = try await python.string("serve()")
        try client.connect(second)
        try client.disconnect(first)
        row(
          "calls after one of two endpoints was disconnected", expected: "3, 3",
          seen: [
            await outcome { () -> Int in try await client.remote.add(1, 2) },
            await outcome { () -> Int in try await client.remote.add(1, 2) },
          ].joined(separator: ", "))
        try client.disconnect(second)
        row(
          "a call after the last was", expected: "closed",
          seen: await outcome { () -> Int in try await client.remote.add(1, 2) })
      }
    }

    /// Runs a Python server and a client of it.
    private func withPython(
      _ serve: String, _ configure: (inout RPCClientConfiguration) -> Void = { _ in },
      _ body: (PythonPeer, RPCClient) async throws -> Void
    ) async throws {
      let python = try PythonPeer()
      defer { python.kill() }
      var configuration = RPCClientConfiguration()
      configure(&configuration)
      let endpoint = try await python.string(serve)
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        try await body(python, client)
        try await expectNothingOpen(client)
      }
    }
  }
}
