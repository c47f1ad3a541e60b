import TestSupport
import Testing
import ZeroRPC
import ZeroRPCBroker

extension BrokerInterop {
  /// Server, broker and server change places at one endpoint, under clients that go on calling.
  @Suite(.enabled(if: PythonPeer.interpreter != nil, Comment(rawValue: PythonPeer.reason)))
  struct InterjectionTests {
    /// A Python server that can leave its endpoint between two calls.
    private func makeServer(at endpoint: String) async throws -> PythonPeer {
      let peer = try PythonPeer()
      try await peer.run(
        """
        import time
        service.last = 0
        def add(a, b):
            service.last = time.time()
            return a + b
        service.add = add
        server = zerorpc.Server(service)
        server.bind('\(endpoint)')
        gevent.spawn(server.run)
        def leave():
            calls = service.last
            while service.last == calls or not 0.003 < time.time() - service.last < 0.010:
                gevent.sleep(0.001)
            server.close()
        """)
      return peer
    }

    private func interject(
      _ caller: (_ endpoint: String) async throws -> (count: () async throws -> Int, end: () async throws -> [String])
    ) async throws {
      let endpoint = "tcp://127.0.0.1:\(try freePort())"
      let inner = "tcp://127.0.0.1:\(try freePort())"
      let first = try await makeServer(at: endpoint)
      defer { first.kill() }
      let behind = try await makeServer(at: inner)
      defer { behind.kill() }
      let (count, end) = try await caller(endpoint)
      func moreCalls() async throws {
        let target = try await count() + 8
        try await eventually("more calls", within: .seconds(30)) { try await count() >= target }
      }
      for _ in 0..<2 {
        try await moreCalls()
        let broker = try RPCBroker()
        try broker.connectBackend(inner)
        try await first.run("leave()")
        try await broker.bindFrontend(endpoint)
        let running = Task { try await broker.run() }
        defer { running.cancel() }
        try await moreCalls()
        #expect(broker.statistics.done > 0)
        // In the pause after a call: one that is sent while the connection is being closed is lost with it.
        let seen = try await count()
        try await eventually("a call to end") { try await count() > seen }
        broker.beginGracefulShutdown()
        try await running.value
        #expect(broker.statistics.channels == 0)
        try await eventually("the endpoint to be free") {
          do {
            try await first.run(
              "server = zerorpc.Server(service); server.bind('\(endpoint)'); gevent.spawn(server.run)")
            return true
          } catch is PythonError { return false }
        }
      }
      try await moreCalls()
      #expect(try await end() == [])
    }

    @Test func underAPythonClient() async throws {
      let peer = try PythonPeer()
      defer { peer.kill() }
      try await interject { endpoint in
        try await peer.run(
          """
          client = connect('\(endpoint)')
          state = dict(calls=0, ends=False)
          failures = []
          def loop():
              while not state['ends']:
                  try:
                      assert client.add(state['calls'], 1) == state['calls'] + 1
                      state['calls'] += 1
                  except BaseException as error:
                      failures.append(type(error).__name__)
                  gevent.sleep(0.15)
          task = gevent.spawn(loop)
          """)
        return (
          { Int(try await peer.eval("state['calls']")) ?? 0 },
          {
            try await peer.run("state['ends'] = True; task.join()")
            let failures = try await peer.eval("failures")
            return failures == "[]" ? [] : [failures]
          }
        )
      }
    }

    @Test func underASwiftClient() async throws {
      let journal = Journal()
      let tasks = Journal()
      try await interject { endpoint in
        let task = Task { () -> [String] in
          var failures: [String] = []
          try await withRPCClient(connectingTo: endpoint) { client in
            var number = 0
            while tasks.count("end") == 0 {
              do {
                let sum: Int = try await client.remote.add(number, 1)
                if sum != number + 1 { failures.append("\(sum)") }
                journal.note("call")
              } catch { failures.append("\(error)") }
              number += 1
              // Pauses in which a server can leave, even on a machine that stands still for a while.
              try await Task.sleep(for: .milliseconds(150))
            }
          }
          return failures
        }
        return (
          { journal.count("call") },
          {
            tasks.note("end")
            return try await task.value
          }
        )
      }
    }
  }
}
