import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

extension PythonInterop {
  /// The Swift client against the real Python server.
  @Suite struct PythonServerTests {
    private func withPythonServer(
      heartbeat: Double = 5, options: String = "", configure: (inout RPCClientConfiguration) -> Void = { _ in },
      _ body: (PythonPeer, RPCClient) async throws -> Void
    ) async throws {
      let python = try PythonPeer()
      defer { python.kill() }
      try await python.run("endpoint = serve(heartbeat=\(heartbeat)\(options))")
      var configuration = RPCClientConfiguration()
      configuration.heartbeat = .seconds(heartbeat)
      configure(&configuration)
      let endpoint = try await python.string("endpoint")
      try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
        try await body(python, client)
        try await expectNothingOpen(client)
        #expect(client.queuedEvents == 0)
      }
    }

    @Test func everyType() async throws {
      try await withPythonServer { _, client in
        let remote = client.remote
        let sum: Int = try await remote.add(1, 2)
        #expect(sum == 3)
        try await remote.none()
        let types = try await remote.types()
        #expect(
          types == [
            nil, true, -1, 300, MessagePackValue(UInt64(1) << 63), 1.5, "hé",
            .binary(Data([0x62, 0x79, 0, 0xFF, 0x74])),
            [1, [2]], .map(["k": 1, .binary(Data([0x62])): 2]),
          ])
        #expect(try await remote.echo(types) == types)
        for number in [0, -1, 255, 65_536, Int.max, .min] {
          let echoed: Int = try await remote.echo(number)
          #expect(echoed == number)
        }
        let big: UInt64 = try await remote.echo(UInt64.max)
        #expect(big == .max)
        let half: Double = try await remote.echo(0.5)
        #expect(half == 0.5)
        let three: Double = try await remote.echo(3)
        #expect(three == 3)
        let text: String = try await remote.echo("hé\u{1F600}")
        #expect(text == "hé\u{1F600}")
        let data: Data = try await remote.echo(Data([0, 255, 1]))
        #expect(data == Data([0, 255, 1]))
        let sample: Sample = try await remote.echo(Sample.numbered(7))
        #expect(sample == .numbered(7))
        let date: Date = try await remote.echo(Date(timeIntervalSince1970: 1_732_000_000.5))
        #expect(date == Date(timeIntervalSince1970: 1_732_000_000.5))
        let optional: Int? = try await remote.echo(Int?.none)
        #expect(optional == nil)
        let long: Data = try await remote.echo(Data(repeating: 7, count: 3_000_000))
        #expect(long.count == 3_000_000)
      }
    }

    /// The typed stub against a Python service that has its methods.
    @Test func typedStub() async throws {
      try await withPythonServer { _, client in
        let specimen = SpecimenClient(client)
        #expect(try await specimen.add(20, 22) == 42)
        let items = try await collect(try await specimen.count(to: 150))
        #expect(items == Array(0..<150))
      }
    }

    @Test func errors() async throws {
      try await withPythonServer { _, client in
        let remote = client.remote
        let oops = await #expect(throws: RemoteError.self) { try await remote.fail("oops é") }
        #expect(oops?.name == "RuntimeError")
        #expect(oops?.message == "oops é")
        #expect(oops?.traceback?.hasPrefix("Traceback (most recent call last)") == true)
        let unknown = await #expect(throws: RemoteError.self) { try await remote.nosuch(1) }
        #expect(unknown?.name == "NameError")
        #expect(unknown?.message == "nosuch")
        let arity = await #expect(throws: RemoteError.self) { try await remote.add(1) }
        #expect(arity?.name == "TypeError")
        #expect(arity?.message.contains("missing 1 required positional argument") == true)
        let set = await #expect(throws: RemoteError.self) { try await remote.unserialisable() }
        #expect(set?.name == "TypeError")
        let large = await #expect(throws: RemoteError.self) { try await remote.too_large() }
        #expect(large?.name == "OverflowError")
        let sum: Int = try await remote.add(1, 2)
        #expect(sum == 3)
      }
    }

    @Test(arguments: [2, 10, 100])
    func streams(window: Int) async throws {
      try await withPythonServer { _, client in
        let remote = client.remote.with { $0.streamWindow = window }
        for size in [0, 1, 2, 99, 100, 101, 102] + (window == 100 ? [10_000] : []) {
          let stream: RPCStream<Int> = try await remote.count.stream(size)
          let items = try await collect(stream)
          #expect(items == Array(0..<size), "\(size) items")
        }
        for size in [0, 1, 2, 100, 101] {
          var items = 0
          let error = await #expect(throws: RemoteError.self) {
            let stream: RPCStream<Int> = try await remote.fail_at.stream(size)
            for try await item in stream {
              #expect(item == items)
              items += 1
            }
          }
          #expect(error?.name == "ValueError")
          #expect(items == size)
        }
      }
    }

    @Test func manyStreamsAtOnce() async throws {
      try await withPythonServer { _, client in
        let complete = try await withThrowingTaskGroup(of: Bool.self) { group in
          for number in 0..<50 {
            group.addTask {
              let stream: RPCStream<Int> = try await client.remote.count.stream(120 + number)
              return try await collect(stream) == Array(0..<(120 + number))
            }
          }
          var complete = 0
          for try await isComplete in group where isComplete { complete += 1 }
          return complete
        }
        #expect(complete == 50)
      }
    }

    @Test func heartbeatsKeepLongCallsAlive() async throws {
      try await withPythonServer(heartbeat: 0.5) { _, client in
        let slept: Double = try await client.remote.wait(2.5)
        #expect(slept == 2.5)
        let stream: RPCStream<Int> = try await client.remote.slowly.stream(5, 0.5)
        let items = try await collect(stream)
        #expect(items == [0, 1, 2, 3, 4])
      }
    }

    @Test func introspection() async throws {
      try await withPythonServer { _, client in
        let ping: [String] = try await client.remote._zerorpc_ping()
        #expect(ping == ["pong", "Service"])
        let list: [String] = try await client.remote._zerorpc_list()
        #expect(list.contains("add"))
        let help: String = try await client.remote._zerorpc_help("add")
        #expect(help == "Adds two numbers.")
      }
    }

    @Test(arguments: ["stop", "kill"])
    func serverThatGoesAwayIsLost(how: String) async throws {
      try await withPythonServer(heartbeat: 1) { python, client in
        let clock = ContinuousClock()
        let call = Task { try await client.remote.wait(60) }
        let stream: RPCStream<Int> = try await client.remote.endless.stream()
        var iterator = stream.makeAsyncIterator()
        for _ in 0..<10 { _ = try await iterator.next() }
        // Both have heard it before it goes.
        try await Task.sleep(for: .seconds(1.5))
        if how == "stop" { python.suspend() } else { python.kill() }
        let start = clock.now
        let lost = await #expect(throws: RPCError.self) { try await call.value }
        let elapsed = clock.now - start
        #expect(lost?.code == .lostPeer)
        #expect(elapsed > .seconds(0.9) && elapsed < .seconds(4.5), "lost after \(elapsed)")
        await #expect(throws: RPCError.self) { while try await iterator.next() != nil {} }
      }
    }

    @Test func timeoutAndLateReply() async throws {
      try await withPythonServer { python, client in
        let error = await #expect(throws: RPCError.self) {
          try await client.remote.with { $0.timeout = .milliseconds(200) }.wait(0.5)
        }
        #expect(error?.code == .timeout)
        // The Python server is not disturbed: it finishes the call, and its late reply is dropped here.
        try await eventually("the handler to end") { try await python.eval("service.log") == "['waited', 'ended']" }
        let sum: Int = try await client.remote.add(1, 2)
        #expect(sum == 3)
      }
    }

    /// A cancellation is a heartbeat to Python: nothing that it would log or take for data.
    @Test func cancellationDoesNotDisturb() async throws {
      try await withPythonServer(heartbeat: 0.5) { python, client in
        for _ in 0..<10 {
          let call = Task { try await client.remote.wait(0.3) }
          try await eventually("the call to be open") { client.openCalls == 1 }
          call.cancel()
          await #expect(throws: CancellationError.self) { try await call.value }
        }
        let stream: RPCStream<Int> = try await client.remote.endless.stream()
        for try await item in stream where item == 20 { break }
        let sum: Int = try await client.remote.add(1, 2)
        #expect(sum == 3)
        #expect(!python.errors.contains("ignoring error"), "\(python.errors)")
      }
    }

    @Test func serverRestartBetweenCalls() async throws {
      try await withPythonServer { python, client in
        let first: Int = try await client.remote.add(1, 2)
        let next = try PythonPeer()
        defer { next.kill() }
        python.kill()
        let endpoint = try #require(client.endpoints.first)
        try await eventually("the port to be free") {
          do {
            try await next.run("s = zerorpc.Server(service); s.bind('\(endpoint)'); gevent.spawn(s.run)")
            return true
          } catch is PythonError { return false }
        }
        let second: Int = try await client.remote.add(first, 2)
        #expect(second == 5)
      }
    }

    /// Python drops a whole event whose map has integer keys; nothing of that sort is ever sent, and a reply of that sort
    /// is still read.
    @Test func integerKeys() async throws {
      try await withPythonServer { _, client in
        let refused = await #expect(throws: RPCError.self) { try await client.remote.echo([1: "one"]) }
        #expect(refused?.code == .invalidArgument)
        let value = try await client.remote.integer_keys()
        #expect(value == .map([1: "one"]))
      }
    }

    @Test func largeArgumentAndResult() async throws {
      try await withPythonServer(heartbeat: 30, configure: { $0.timeout = .seconds(60) }) { _, client in
        let data: Data = try await client.remote.echo(Data(repeating: 3, count: 99 << 20))
        #expect(data.count == 99 << 20)
      }
    }
  }
}
