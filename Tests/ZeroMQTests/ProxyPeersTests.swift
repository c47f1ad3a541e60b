internal import Foundation
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension PyZMQInterop {
  /// Proxies among pyzmq and zerorpc-python.
  @Suite(.serialized) struct Proxies {
    @Test func requestClientsAndReplyWorkers() async throws {
      let peer = try PyZMQInterop.peer()
      defer { peer.kill() }
      var configuration = ZMQProxy.Configuration()
      configuration.control = .reply
      configuration.capture = .publish
      let proxy = try ZMQProxy(.queue, configuration: configuration)
      let front = try proxy.frontend.bind("tcp://127.0.0.1:*")
      let back = try proxy.backend.bind("tcp://127.0.0.1:*")
      let control = try #require(proxy.control).bind("tcp://127.0.0.1:*")
      let running = Task { try await proxy.run() }
      for worker in ["w1", "w2"] {
        _ = try await peer.string("open_socket('\(worker)', 'REP', 'connect', '\(back)')")
        try await peer.run("echo('\(worker)', 10000)")
      }
      for client in 0..<3 { _ = try await peer.string("open_socket('c\(client)', 'REQ', 'connect', '\(front)')") }
      try await peer.run(
        """
        for round in range(100):
            for c in range(3): send('c%d' % c, b'', b'client %d' % c, b'x' * 1000, b'%d' % round)
            for c in range(3): assert receive('c%d' % c) == [b'', b'client %d' % c, b'x' * 1000, b'%d' % round]
        """)
      _ = try await peer.string("open_socket('control', 'REQ', 'connect', '\(control)')")
      try await peer.run("import struct; send('control', b'STATISTICS')")
      let numbers = try await peer.eval("[struct.unpack('=Q', f)[0] for f in receive('control')]")
      let bytes = proxy.statistics.frontendReceived.bytes
      #expect(numbers == "[300, \(bytes), 300, \(bytes), 300, \(bytes), 300, \(bytes)]")
      try await peer.run("send('control', b'nonsense')")
      #expect(try await peer.eval("receive('control')[0][:5]") == "b'ERROR'")
      try await peer.run("send('control', b'TERMINATE')")
      #expect(try await peer.eval("receive('control')") == "[b'']")
      try await within(.seconds(20)) { try await running.value }
    }

    /// A python client calls in a loop, while what it is connected to changes three times at the same endpoint.
    @Test func aQueueGoesBetweenRunningPeersAndOut() async throws {
      let (client, servers) = (try PythonPeer(), try PythonPeer())
      defer {
        client.kill()
        servers.kill()
      }
      let port = try freePort()
      let endpoint = "tcp://127.0.0.1:\(port)"
      try await servers.run(
        """
        def start(endpoint):
            server = zerorpc.Server(service)
            server.bind(endpoint)
            gevent.spawn(server.run)
            return server
        """)
      try await servers.run("first = start('\(endpoint)')")
      try await client.run("c = connect('\(endpoint)')")
      try await client.run(
        """
        answers, running = [], [True]
        def loop():
            while running[0]:
                try:
                    answers.append(c.add(len(answers), 1))
                except Exception as error:
                    answers.append(repr(error))
                gevent.sleep(0.1)
        calling = gevent.spawn(loop)
        """)
      func answers() async throws -> Int { Int(try await client.eval("len(answers)")) ?? 0 }
      /// Waits for the pause behind an answer, and for as many more.
      func wait(for count: Int) async throws {
        let seen = try await answers()
        try await eventually("\(count) more answers") { try await answers() >= seen + count }
      }
      try await wait(for: 10)
      try await servers.run("first.close()")
      let second = "tcp://127.0.0.1:\(try freePort())"
      try await servers.run("second = start('\(second)')")
      let proxy = try ZMQProxy(.queue)
      try proxy.backend.connect(second)
      try await bindEventually(proxy.frontend, endpoint)
      let running = Task { try await proxy.run() }
      try await wait(for: 20)
      #expect(proxy.statistics.frontendSent.messages >= 20)
      // It finds the moment between two calls by itself.
      running.cancel()
      try await running.value
      try await servers.run(
        """
        for attempt in range(200):
            try:
                third = start('\(endpoint)')
                break
            except zmq.ZMQError:
                gevent.sleep(0.02)
        """)
      try await wait(for: 10)
      try await client.run("running[0] = False; calling.join()")
      #expect(try await client.eval("[a for i, a in enumerate(answers) if a != i + 1]") == "[]")
      #expect(proxy.statistics.undeliverable.messages == 0)
    }

    /// Why there is a broker: a queue deals the events of one call to both servers in turn, so the credit of a stream, and the
    /// heartbeats, reach one that knows nothing of it. The stream stalls, or ends as one whose peer is lost.
    @Test func aStreamFailsBehindAQueueWithTwoServers() async throws {
      let servers = try PythonPeer()
      defer { servers.kill() }
      let proxy = try ZMQProxy(.queue)
      for _ in 0..<2 { try proxy.backend.connect(try await servers.string("serve(heartbeat=1)")) }
      let endpoint = try proxy.frontend.bind("tcp://127.0.0.1:*")
      let running = Task { try await proxy.run() }
      var configuration = RPCClientConfiguration()
      configuration.heartbeat = .seconds(1)
      configuration.itemTimeout = .seconds(4)
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        // Single calls are fine.
        for number in 0..<10 {
          let sum: Int = try await client.remote.add(number, 1)
          #expect(sum == number + 1)
        }
        let error = await #expect(throws: RPCError.self) {
          for try await _ in try await client.remote.count.stream(10_000, of: Int.self) {}
        }
        #expect([.timeout, .lostPeer].contains(error?.code), "\(error?.message ?? "")")
      }
      running.cancel()
      try await running.value
    }

    /// With one server a queue is transparent for everything.
    @Test func aStreamPassesAQueueWithOneServer() async throws {
      let servers = try PythonPeer()
      defer { servers.kill() }
      let proxy = try ZMQProxy(.queue)
      try proxy.backend.connect(try await servers.string("serve()"))
      let endpoint = try proxy.frontend.bind("tcp://127.0.0.1:*")
      let running = Task { try await proxy.run() }
      try await withRPCClient(connectingTo: endpoint) { client in
        var count = 0
        for try await item in try await client.remote.count.stream(10_000, of: Int.self) {
          #expect(item == count)
          count += 1
        }
        #expect(count == 10_000)
      }
      running.cancel()
      try await running.value
    }
  }
}
