import Synchronization
import TestSupport
import Testing
import ZeroRPC
import ZeroRPCBroker

extension BrokerInterop {
  /// Server, broker and server change places at one endpoint, under clients that go on calling.
  ///
  /// A call that is sent while its connection is being closed is lost with it: ZeroMQ has no half-close. So the callers pause
  /// until their connection is gone, and call while nobody is there.
  @Suite(.enabled(if: PythonPeer.interpreter != nil, Comment(rawValue: PythonPeer.reason)))
  struct InterjectionTests {
    /// A client that makes one call after the other.
    private struct Caller {
      /// How many calls were answered.
      let count: () async throws -> Int
      /// Returns once no call is under way; none is made until `resume`.
      let pause: () async throws -> Void
      let resume: () async throws -> Void
      /// Ends the loop and returns its failures.
      let end: () async throws -> [String]
    }

    private final class Gate: Sendable {
      let state = Mutex((pauses: false, rests: false))
    }

    private func makeServer(at endpoint: String) async throws -> PythonPeer {
      let peer = try PythonPeer()
      try await peer.run("server = zerorpc.Server(service); server.bind('\(endpoint)'); gevent.spawn(server.run)")
      return peer
    }

    private func interject(_ makeCaller: (_ endpoint: String) async throws -> Caller) async throws {
      let port = try freePort()
      let endpoint = "tcp://127.0.0.1:\(port)"
      let inner = "tcp://127.0.0.1:\(try freePort())"
      let first = try await makeServer(at: endpoint)
      defer { first.kill() }
      let behind = try await makeServer(at: inner)
      defer { behind.kill() }
      let caller = try await makeCaller(endpoint)
      func moreCalls() async throws {
        let target = try await caller.count() + 8
        try await eventually("more calls", within: .seconds(30)) { try await caller.count() >= target }
      }
      func leave(_ body: () async throws -> Void) async throws {
        try await caller.pause()
        try await body()
        try await eventually("the connection to be gone") { try Connections.count(toPort: port) == 0 }
        try await caller.resume()
      }
      for _ in 0..<2 {
        try await moreCalls()
        let broker = try RPCBroker()
        try broker.connectBackend(inner)
        try await leave { try await first.run("server.close()") }
        try await broker.bindFrontend(endpoint)
        let running = Task { try await broker.run() }
        defer { running.cancel() }
        try await moreCalls()
        #expect(broker.statistics.done > 0)
        try await leave {
          broker.beginGracefulShutdown()
          try await running.value
        }
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
      let failures = try await caller.end()
      #expect(failures == [])
    }

    @Test func underAPythonClient() async throws {
      let peer = try PythonPeer()
      defer { peer.kill() }
      try await interject { endpoint in
        try await peer.run(
          """
          client = connect('\(endpoint)')
          state = dict(calls=0, ends=False, pauses=False, rests=False)
          failures = []
          def loop():
              while not state['ends']:
                  try:
                      assert client.add(state['calls'], 1) == state['calls'] + 1
                      state['calls'] += 1
                  except BaseException as error:
                      failures.append(type(error).__name__)
                  while state['pauses']:
                      state['rests'] = True
                      gevent.sleep(0.005)
                  gevent.sleep(0.01)
          task = gevent.spawn(loop)
          """)
        return Caller(
          count: { Int(try await peer.eval("state['calls']")) ?? 0 },
          pause: {
            try await peer.run("state['rests'] = False; state['pauses'] = True")
            try await eventually("the caller to pause") { try await peer.eval("state['rests']") == "True" }
          },
          resume: { try await peer.run("state['pauses'] = False") },
          end: {
            try await peer.run("state['ends'] = True; task.join()")
            let failures = try await peer.eval("failures")
            return failures == "[]" ? [] : [failures]
          })
      }
    }

    @Test func underASwiftClient() async throws {
      let journal = Journal()
      let tasks = Journal()
      let gate = Gate()
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
              repeat {
                gate.state.withLock { $0.rests = $0.pauses }
                try await Task.sleep(for: .milliseconds(10))
              } while gate.state.withLock { $0.pauses }
            }
          }
          return failures
        }
        return Caller(
          count: { journal.count("call") },
          pause: {
            gate.state.withLock { $0 = (pauses: true, rests: false) }
            try await eventually("the caller to pause") { gate.state.withLock { $0.rests } }
          },
          resume: { gate.state.withLock { $0.pauses = false } },
          end: {
            tasks.note("end")
            return try await task.value
          })
      }
    }
  }
}
