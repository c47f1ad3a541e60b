import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC
import ZeroRPCBroker

/// Needs a Python with zerorpc.
private let python = ConditionTrait.enabled(if: PythonPeer.interpreter != nil, Comment(rawValue: PythonPeer.reason))

extension BrokerInterop {
  /// Real Python servers behind the broker, a Python and a Swift client in front of it.
  @Suite(python) struct PythonBrokerTests {
    /// Everything at once, because one of the calls takes twelve seconds.
    @Test func callsAreSplitAndStreamsAndLongCallsSurvive() async throws {
      try await withPythonServers(2) { servers, endpoints in
        try await withBroker(backends: endpoints) { broker, frontend in
          try await expectWorkers(2, broker)
          let caller = try PythonPeer()
          defer { caller.kill() }
          try await caller.run("client = connect('\(frontend)', timeout=30)")
          try await withRPCClient(connectingTo: frontend) { client in
            async let long: Double = client.remote.wait(12)
            async let pythonLong = caller.eval("client.wait(12)", within: .seconds(40))

            // Its own client, because the peer does one thing at a time.
            let second = try PythonPeer()
            defer { second.kill() }
            try await second.run(
              """
              client = connect('\(frontend)', timeout=30)
              import gevent.pool
              def calls(count):
                  results = gevent.pool.Pool(20).map(lambda n: client.add(n, 1), range(count))
                  return results == list(range(1, count + 1))
              """)
            let before = broker.statistics.workers.map(\.calls)
            async let swift: Void = makeCalls(5_000, atOnce: 20, client)
            let isRight = try await second.eval("calls(5000)", within: .seconds(60))
            try await swift
            #expect(isRight == "True")
            var seen: [Int] = []
            for server in servers { seen.append(Int(try await server.eval("service.seen")) ?? 0) }
            #expect(seen.reduce(0, +) == 10_000)
            #expect(seen.allSatisfy { (4_500...5_500).contains($0) }, "\(seen)")
            let counted = zip(broker.statistics.workers, before).map { Int($0.0.calls - $0.1) }
            #expect(counted == seen)

            async let pythonItems = second.eval("list(client.count(10000)) == list(range(10000))", within: .seconds(60))
            let stream: RPCStream<Int> = try await client.remote.count.stream(10_000)
            #expect(try await collect(stream) == Array(0..<10_000))
            #expect(try await pythonItems == "True")

            // Errors and introspection pass too.
            let error = await #expect(throws: RemoteError.self) { try await client.remote.fail("oops é") }
            #expect(error?.name == "RuntimeError")
            #expect(try await second.eval("client._zerorpc_ping()") == "['pong', 'Service']")

            #expect(try await long == 12)
            #expect(try await pythonLong == "12")
          }
        }
      }
    }

    @Test func aKilledWorkerEndsJustItsChannels() async throws {
      try await withPythonServers(2, heartbeat: 1) { servers, endpoints in
        try await withBroker(backends: endpoints) { broker, frontend in
          try await expectWorkers(2, broker)
          let caller = try PythonPeer()
          defer { caller.kill() }
          try await caller.run(
            """
            client = connect('\(frontend)', timeout=30, heartbeat=1)
            results = []
            def consume():
                received = []
                try:
                    for item in client.slowly(40, 0.1): received.append(item)
                    results.append(['whole', received == list(range(40))])
                except Exception as error:
                    results.append([type(error).__name__, received == list(range(len(received)))])
            tasks = [gevent.spawn(consume) for _ in range(2)]
            """)
          // Each kind of client in its turn: openings that come by turns could deal both streams of a client to one worker.
          try await eventually("a stream of the Python client on each worker") {
            broker.statistics.workers.allSatisfy { $0.inFlight == 1 }
          }
          var configuration = RPCClientConfiguration()
          configuration.heartbeat = .seconds(1)
          try await withRPCClient(connectingTo: frontend, configuration: configuration) { client in
            let streams = try await withThrowingTaskGroup(of: (RPCError.Code?, Int).self) { group in
              for _ in 0..<2 {
                group.addTask {
                  var count = 0
                  do {
                    let stream: RPCStream<Int> = try await client.remote.slowly.stream(40, 0.1)
                    for try await item in stream {
                      guard item == count else { throw NeverHappened("item \(count) was \(item)") }
                      count += 1
                    }
                    return (nil, count)
                  } catch let error as RPCError { return (error.code, count) }
                }
              }
              try await eventually("two streams on each worker") {
                broker.statistics.workers.allSatisfy { $0.inFlight == 2 }
              }
              // Two heartbeats later the streams are well under way.
              try await Task.sleep(for: .seconds(2))
              servers[0].kill()
              try await eventually("the loss to be seen") { broker.statistics.workers[0].state == "down" }
              // New calls go on at once.
              try await makeCalls(200, atOnce: 4, client)
              var ends: [(RPCError.Code?, Int)] = []
              for try await end in group { ends.append(end) }
              return ends
            }
            #expect(streams.count { $0.0 == .lostPeer } == 1, "\(streams)")
            #expect(streams.count { $0.0 == nil && $0.1 == 40 } == 1, "\(streams)")
            try await expectNothingOpen(client)
          }
          try await caller.run("gevent.joinall(tasks, timeout=20)", within: .seconds(30))
          #expect(try await caller.eval("sorted(results)") == "[['LostRemote', True], ['whole', True]]")
          let statistics = broker.statistics
          #expect(statistics.lost == 2)
          #expect(statistics.workers[0].lost == 2)
        }
      }
    }

    /// A worker that stops without its connection ending: it fills up, or does not answer, and gets nothing more until it goes on.
    @Test func aStoppedWorkerHoldsUpNobodyElse() async throws {
      try await withPythonServers(2, heartbeat: 1) { servers, endpoints in
        var transport = RPCTransportOptions()
        transport.sendHighWaterMark = 2
        try await withBroker(
          backends: endpoints,
          {
            $0.backend = transport
            $0.probeInterval = .seconds(1)
          }
        ) { broker, frontend in
          try await expectWorkers(2, broker)
          var configuration = RPCClientConfiguration()
          configuration.heartbeat = .seconds(1)
          try await withRPCClient(connectingTo: frontend, configuration: configuration) { client in
            servers[0].suspend()
            let data = Data(repeating: 7, count: 1_000_000)
            let answered = await withTaskGroup(of: Bool.self) { group in
              for _ in 0..<40 {
                group.addTask {
                  let echoed: Data? = try? await client.remote.echo(data)
                  return echoed == data
                }
              }
              var answered = 0
              for await isAnswered in group where isAnswered { answered += 1 }
              return answered
            }
            // Once the stopped worker is full, everything goes to the other.
            #expect(answered >= 20)
            let state = broker.statistics.workers[0].state
            #expect(["full", "silent"].contains(state), "\(state)")
            try await makeCalls(100, atOnce: 4, client)
            servers[0].resume()
            try await expectWorkers(2, broker)
            try await makeCalls(100, atOnce: 4, client)
          }
        }
      }
    }

    /// Why a broker is needed: a plain proxy deals the credits of a stream to the wrong server.
    @Test func aPlainProxyBreaksStreams() async throws {
      try await withPythonServers(2, heartbeat: 1) { _, endpoints in
        let proxy = try PythonPeer()
        defer { proxy.kill() }
        try await proxy.run(
          """
          import threading, zmq as plain
          context = plain.Context()
          front, back = context.socket(plain.ROUTER), context.socket(plain.DEALER)
          port = front.bind_to_random_port('tcp://127.0.0.1')
          for endpoint in ['\(endpoints[0])', '\(endpoints[1])']: back.connect(endpoint)
          threading.Thread(target=plain.proxy, args=(front, back), daemon=True).start()
          """)
        var configuration = RPCClientConfiguration()
        configuration.heartbeat = .seconds(1)
        configuration.itemTimeout = .seconds(4)
        let frontend = "tcp://127.0.0.1:\(try await proxy.eval("port"))"
        try await withRPCClient(connectingTo: frontend, configuration: configuration) { client in
          let sum: Int = try await client.remote.add(1, 2)
          #expect(sum == 3)
          // The grant of credits reaches the other server: the stream stalls, until one side calls the other lost.
          let error = await #expect(throws: RPCError.self) {
            let stream: RPCStream<Int> = try await client.remote.count.stream(1_000)
            _ = try await collect(stream)
          }
          #expect(error?.code == .lostPeer || error?.code == .timeout)
        }
      }
    }

    /// Unmodified servers that connect: each is found, gets its share, and is missed when it is gone.
    @Test func workersThatConnect() async throws {
      let servers = try (0..<3).map { _ in try PythonPeer() }
      defer { for server in servers { server.kill() } }
      let script =
        "service.seen = 0\ndef add(a, b):\n  service.seen += 1\n  return a + b\nservice.add = add\n"
        + "server = zerorpc.Server(service, heartbeat=1)\nserver.connect('BACKEND')\ngevent.spawn(server.run)"
      try await withBroker { broker, frontend in
        let backend = try await broker.bindBackend(Transport.tcp.endpoint)
        func start(_ server: PythonPeer) async throws {
          try await server.run(script.replacing("BACKEND", with: backend))
        }
        for server in servers[..<2] { try await start(server) }
        try await expectWorkers(2, broker)
        var configuration = RPCClientConfiguration()
        configuration.heartbeat = .seconds(1)
        try await withRPCClient(connectingTo: frontend, configuration: configuration) { client in
          try await makeCalls(1_000, atOnce: 4, client)
          for server in servers[..<2] {
            let seen = Int(try await server.eval("service.seen")) ?? 0
            #expect((450...550).contains(seen), "\(seen)")
          }
          let stream: RPCStream<Int> = try await client.remote.count.stream(1_000)
          #expect(try await collect(stream) == Array(0..<1_000))

          try await start(servers[2])
          try await expectWorkers(3, broker)
          servers[0].kill()
          try await expectWorkers(2, broker)
          #expect(broker.statistics.workers.count == 2)
          try await makeCalls(1_000, atOnce: 4, client)
          let seen = Int(try await servers[2].eval("service.seen")) ?? 0
          #expect((450...550).contains(seen), "\(seen)")
        }
      }
    }
  }
}
