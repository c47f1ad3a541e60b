import TestSupport
import Testing
import ZeroRPC

extension PythonInterop {
  /// Messages that nobody answers, between Swift and zerorpc-python's Pusher, Puller, Publisher and Subscriber.
  @Suite(.about(.oneWay), .timeLimit(.minutes(2))) struct PythonPatternTests {
    /// A service that writes down what it is told.
    static let ledger = """
      class Ledger(object):
          def __init__(self):
              self.entries = []
          def record(self, entry):
              self.entries.append(entry)
          def add(self, number, column):
              self.entries.append((number, column))
          def tick(self):
              self.entries.append('tick')
          def wait(self, seconds):
              gevent.sleep(seconds)
              self.entries.append('waited')
          @zerorpc.stream
          def numbers(self, limit):
              self.entries.append('numbers')
              return iter(range(limit))
      ledger = Ledger()
      def endpoint(peer):
          return peer._events._socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\\0")
      def listen(kind):
          peer = kind(ledger)
          peer.bind("tcp://127.0.0.1:*")
          gevent.spawn(peer.run)
          return endpoint(peer)
      """

    private func peer() async throws -> PythonPeer {
      let python = try PythonPeer()
      try await python.run(Self.ledger)
      return python
    }

    @Test(.swift(.pusher, with: .python)) func swiftPushesToPython() async throws {
      let python = try await peer()
      defer { python.kill() }
      let endpoint = try await python.string("listen(zerorpc.Puller)")
      let pusher = try RPCPusher(connectingTo: endpoint)
      let stub = LedgerPusher(pusher)
      for number in 0..<200 { try await stub.record("\(number)") }
      try await stub.add(number: 7, to: "é")
      try await pusher.remote.missing(1)
      try await pusher.remote.record(["a": [1, 2]])
      try await eventually("all messages") { try await python.eval("len(ledger.entries)") == "202" }
      try await expect(
        python, "ledger.entries[:200] == [str(i) for i in range(200)]", "True", title: "200 messages in order")
      try await expect(
        python, "ledger.entries[200:]", "[(7, 'é'), {'a': [1, 2]}]", title: "typed and dynamic arguments")
    }

    @Test(.swift(.puller, with: .python)) func pythonPushesToSwift() async throws {
      let python = try await peer()
      defer { python.kill() }
      let ledger = LedgerService()
      let puller = Puller(ledger)
      let endpoint = try await puller.bind("tcp://127.0.0.1:*")
      let run = Task { try await puller.run() }
      try await python.run("p = zerorpc.Pusher(); p.connect('\(endpoint)')")
      try await python.run("for i in range(200): p.record(str(i))")
      try await python.run("p.missing(); p.record(); p.record(1); p.add(7, u'\\xe9')")
      try await eventually("all messages") { ledger.entries.count == 201 }
      let isInOrder = ledger.entries == (0..<200).map { "\($0)" } + ["é=7"]
      row("200 messages in order, garbage skipped", expected: true, seen: isInOrder)
      run.cancel()
      try await run.value
    }

    @Test(.swift(.pusher, with: .python)) func pythonAndSwiftConsumersShare() async throws {
      let python = try await peer()
      defer { python.kill() }
      let pusher = RPCPusher()
      let endpoint = try pusher.bind("tcp://127.0.0.1:*")
      let ledger = LedgerService()
      let puller = Puller(ledger)
      try await puller.connect(endpoint)
      let run = Task { try await puller.run() }
      try await python.run("p = zerorpc.Puller(ledger); p.connect('\(endpoint)'); gevent.spawn(p.run)")
      try await pusher.waitForConsumers(2)
      for _ in 0..<200 { try await LedgerPusher(pusher).tick() }
      try await eventually("Swift's half") { ledger.ticks == 100 }
      try await eventually("Python's half") { try await python.eval("len(ledger.entries)") == "100" }
      try await expect(python, "len(ledger.entries)", "100", title: "two consumers share 200 messages evenly")
      run.cancel()
      try await run.value
    }

    @Test(.swift(.publisher, with: .python)) func swiftPublishesToPython() async throws {
      let python = try await peer()
      defer { python.kill() }
      let publisher = RPCPublisher()
      let endpoint = try publisher.bind("tcp://127.0.0.1:*")
      try await python.run("s = zerorpc.Subscriber(ledger); s.connect('\(endpoint)'); gevent.spawn(s.run)")
      try await publisher.waitForSubscribers(1)
      let stub = LedgerPublisher(publisher)
      for number in 0..<100 { try stub.add(number: number, to: "c") }
      try await eventually("all messages") { try await python.eval("len(ledger.entries)") == "100" }
      try await expect(
        python, "ledger.entries == [(i, 'c') for i in range(100)]", "True", title: "100 messages in order")
    }

    @Test(.swift(.subscriber, with: .python)) func pythonPublishesToSwift() async throws {
      let python = try await peer()
      defer { python.kill() }
      let ledger = LedgerService()
      let subscriber = Subscriber(ledger)
      let endpoint = try await subscriber.bind("tcp://127.0.0.1:*")
      let run = Task { try await subscriber.run() }
      try await python.run("p = zerorpc.Publisher(); p.connect('\(endpoint)')")
      // What is published before the subscription has come is lost.
      try await eventually("a first message") {
        try await python.run("p.record('first')")
        return !ledger.entries.isEmpty
      }
      try await python.run("for i in range(100): p.record(str(i))")
      try await eventually("all messages") { ledger.entries.filter { $0 != "first" }.count == 100 }
      let isInOrder = ledger.entries.filter { $0 != "first" } == (0..<100).map { "\($0)" }
      row("100 messages in order", expected: true, seen: isInOrder)
      run.cancel()
      try await run.value
    }

    @Test(.swift(.pusher, with: .python)) func pythonTaskContextTravels() async throws {
      let python = try await peer()
      defer { python.kill() }
      try await python.run(PythonMiddlewareTests.middleware)
      try await python.run(
        """
        puller = zerorpc.Puller(ledger, context=context)
        puller.bind("tcp://127.0.0.1:*")
        gevent.spawn(puller.run)
        """)
      let pusher = try RPCPusher(connectingTo: try await python.string("endpoint(puller)"))
      try await withRPCHeaders(["trace_id": "abc"]) { try await LedgerPusher(pusher).tick() }
      try await eventually("the message") { try await python.eval("len(ledger.entries)") == "1" }
      try await expect(python, "tracer.trace_id", "'abc'", title: "the task context travels with a push")
    }

    // MARK: One-way calls

    @Test(.swift(.client, with: .python)) func oneWayCallsToAPythonServer() async throws {
      let python = try await peer()
      defer { python.kill() }
      try await python.run(
        """
        server = zerorpc.Server(ledger, heartbeat=1)
        server.bind("tcp://127.0.0.1:*")
        gevent.spawn(server.run)
        """)
      var configuration = RPCClientConfiguration()
      configuration.heartbeat = .seconds(1)
      let endpoint = try await python.string("endpoint(server)")
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        // Longer than it takes a server to give up a caller whose heartbeats do not come.
        try await client.remote.wait.send(4.5)
        for _ in 0..<100 { try await LedgerClient(client).oneWay.tick() }
        try await client.remote.missing.send(1)
        try await eventually("the ticks") { try await python.eval("ledger.entries.count('tick')") == "100" }
        // A stream that nobody takes is given up, and its channel forgotten.
        try await client.remote.numbers.send(1_000)
        try await eventually("the stream") { try await python.eval("'numbers' in ledger.entries") == "True" }
        row("calls open at a client that only sends", expected: 0, seen: client.openCalls)
        try await eventually("the long one", within: .seconds(30)) {
          try await python.eval("'waited' in ledger.entries") == "True"
        }
        try await eventually("all channels to be forgotten", within: .seconds(30)) {
          try await python.eval("len(server._multiplexer._active_channels)") == "0"
        }
        try await expect(
          python, "len(server._multiplexer._active_channels)", "0",
          title: "channels left by one-way calls, one of a stream and one of 4.5 s among them")
        // The client is as good as new.
        let result = try await client.remote.tick()
        #expect(result == nil)
      }
    }
  }
}
