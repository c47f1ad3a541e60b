import Foundation
import MessagePack
import TestSupport
import Testing
import ZeroRPC

extension PythonInterop {
  /// The Swift client against the real Python server.
  @Suite(.swift(.client, with: .python)) struct PythonServerTests {
    func withPythonServer(
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

    @Test(.about(.events)) func everyType() async throws {
      try await withPythonServer { _, client in
        let remote = client.remote
        func echo<Value: Codable & Equatable & Sendable>(_ value: Value, _ title: String? = nil) async throws {
          let echoed: Value = try await remote.echo(value)
          row("echo of \(title ?? "\(value)")", expected: "the same", seen: echoed == value ? "the same" : "\(echoed)")
        }
        let sum: Int = try await remote.add(1, 2)
        row("add(1, 2)", expected: 3, seen: sum)
        row("none()", expected: "nil", seen: await outcome { try await remote.none() })
        let types = try await remote.types()
        row(
          "one of every type",
          expected: [
            nil, true, -1, 300, MessagePackValue(UInt64(1) << 63), 1.5, "hé",
            .binary(Data([0x62, 0x79, 0, 0xFF, 0x74])),
            [1, [2]], .map(["k": 1, .binary(Data([0x62])): 2]),
          ] as MessagePackValue, seen: types)
        try await echo(types, "one of every type")
        for number in [0, -1, 255, 65_536, Int.max, .min] { try await echo(number) }
        try await echo(UInt64.max)
        try await echo(0.5)
        let three: Double = try await remote.echo(3)
        row("an integer where a Double is asked for", expected: 3.0, seen: three)
        try await echo("hé\u{1F600}")
        try await echo(Data([0, 255, 1]), "3 bytes")
        try await echo(Sample.numbered(7), "a structure")
        try await echo(Date(timeIntervalSince1970: 1_732_000_000.5), "a date")
        try await echo(Int?.none, "nil")
        try await echo(Data(repeating: 7, count: 3_000_000), "3 MB")
      }
    }

    /// The typed stub against a Python service that has its methods.
    @Test(.about(.patterns)) func typedStub() async throws {
      try await withPythonServer { _, client in
        let specimen = SpecimenClient(client)
        row("add(20, 22) by a typed stub", expected: 42, seen: try await specimen.add(20, 22))
        let items = try await collect(try await specimen.count(to: 150))
        row("150 items by a typed stub", expected: true, seen: items == Array(0..<150))
      }
    }

    @Test(.about(.errors)) func errors() async throws {
      try await withPythonServer { _, client in
        let remote = client.remote
        let oops = await #expect(throws: RemoteError.self) { try await remote.fail("oops é") }
        row("an exception", expected: "RuntimeError: oops é", seen: oops.map { "\($0)" } ?? "none")
        row(
          "its traceback", expected: "Traceback (most recent call last)",
          seen: oops?.traceback?.prefix { $0 != ":" } ?? "none")
        row("an unknown method", expected: "NameError: nosuch", seen: await outcome { try await remote.nosuch(1) })
        let arity = await outcome { try await remote.add(1) }
        row(
          "too few arguments", expected: "TypeError: … missing 1 required positional argument …", seen: arity,
          if: arity.hasPrefix("TypeError") && arity.contains("missing 1 required positional argument"))
        for (method, name) in [("unserialisable", "TypeError"), ("too_large", "OverflowError")] {
          let error = await #expect(throws: RemoteError.self) { try await remote[method]() }
          row("a result that cannot be sent, by \(method)()", expected: name, seen: error?.name ?? "none")
        }
        let sum: Int = try await remote.add(1, 2)
        #expect(sum == 3)
      }
    }

    @Test(.about(.patterns), arguments: [1, 2, 10, 100])
    func streams(window: Int) async throws {
      try await withPythonServer { _, client in
        let remote = client.remote.with { $0.streamWindow = window }
        let sizes = [0, 1, 2, 99, 100, 101, 102] + (window == 100 ? [10_000] : [])
        var complete = 0
        for size in sizes {
          let stream: RPCStream<Int> = try await remote.count.stream(size)
          let items = try await collect(stream)
          #expect(items == Array(0..<size), "\(size) items")
          if items == Array(0..<size) { complete += 1 }
        }
        row(
          "streams of 0 to 102\(window == 100 ? " and 10000" : "") items, window \(window)", expected: sizes.count,
          seen: complete,
          reference: window == 1 ? "slots=1 waits for ever" : nil)
        for size in [0, 1, 2, 100, 101] {
          var items = 0
          let error = await #expect(throws: RemoteError.self) {
            let stream: RPCStream<Int> = try await remote.fail_at.stream(size)
            for try await item in stream {
              #expect(item == items)
              items += 1
            }
          }
          row(
            "an exception after \(size) items, window \(window)", expected: "\(size) items, ValueError: boom",
            seen: "\(items) items, \(error.map { "\($0)" } ?? "no error")")
        }
      }
    }

    @Test(.about(.channels)) func manyStreamsAtOnce() async throws {
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
        row("streams at once, all complete", expected: 50, seen: complete)
      }
    }

    @Test(.about(.heartbeats)) func heartbeatsKeepLongCallsAlive() async throws {
      try await withPythonServer(heartbeat: 0.5) { _, client in
        let slept: Double = try await client.remote.wait(2.5)
        row("a call of 5 intervals", expected: 2.5, seen: slept)
        let stream: RPCStream<Int> = try await client.remote.slowly.stream(5, 0.5)
        let items = try await collect(stream)
        row("a stream of 5 intervals", expected: [0, 1, 2, 3, 4], seen: items)
      }
    }

    @Test(.about(.introspection)) func introspection() async throws {
      try await withPythonServer { _, client in
        let ping: [String] = try await client.remote._zerorpc_ping()
        row("_zerorpc_ping()", expected: ["pong", "Service"], seen: ping)
        let list: [String] = try await client.remote._zerorpc_list()
        row("_zerorpc_list() has add", expected: true, seen: list.contains("add"))
        let help: String = try await client.remote._zerorpc_help("add")
        row("_zerorpc_help(\"add\")", expected: "Adds two numbers.", seen: help)
        let name: String = try await client.remote._zerorpc_name()
        row("_zerorpc_name()", expected: "Service", seen: name)
        let inspect = await outcome { try await client.remote._zerorpc_inspect()["name"] ?? nil }
        row(
          "_zerorpc_inspect()", expected: "the service, or the error of Python 3.11", seen: inspect,
          if: inspect == "\"Service\"" || inspect.hasPrefix("AttributeError"),
          reference: "on Python 3.11 and later inspect.getargspec is gone")
      }
    }

    @Test(.about(.heartbeats), arguments: ["stop", "kill"])
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
        let lost = await outcome { try await call.value }
        let elapsed = clock.now - start
        row(
          "a server that goes away (\(how)) after it sent heartbeats",
          expected: "lostPeer after 1 to 4 intervals of silence",
          seen: "\(lost) after \(intervals(elapsed, of: .seconds(1)))",
          if: lost == "lostPeer" && elapsed > .seconds(0.9) && elapsed < .seconds(4.5))
        let ended = await outcome { while try await iterator.next() != nil {} }
        row("its stream, with items unread (\(how))", expected: "lostPeer", seen: ended)
      }
    }

    @Test(.about(.channels)) func timeoutAndLateReply() async throws {
      try await withPythonServer { python, client in
        let seen = await outcome { try await client.remote.with { $0.timeout = .milliseconds(200) }.wait(0.5) }
        row("a call past its time-out", expected: "timeout", seen: seen)
        // The Python server is not disturbed: it finishes the call, and its late reply is dropped here.
        try await eventually("the handler to end") { try await python.eval("service.log") == "['waited', 'ended']" }
        let sum: Int = try await client.remote.add(1, 2)
        row("the next call, after the late reply", expected: 3, seen: sum)
      }
    }

    /// A cancellation is a heartbeat to Python: nothing that it would log or take for data.
    @Test(.about(.patterns)) func cancellationDoesNotDisturb() async throws {
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
        row("add(1, 2) after 10 cancelled calls and a stream that was left", expected: 3, seen: sum)
        row(
          "what Python logged of them as malformed", expected: "nothing",
          seen: python.errors.contains("ignoring error") ? python.errors : "nothing")
      }
    }

    @Test(.about(.channels)) func serverRestartBetweenCalls() async throws {
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
        row("a call after the server was restarted", expected: 5, seen: second)
      }
    }

    /// Python drops a whole event whose map has integer keys; nothing of that sort is ever sent, and a reply of that sort
    /// is still read.
    @Test(.about(.events)) func integerKeys() async throws {
      try await withPythonServer { _, client in
        row(
          "an argument with integer keys: refused before it is sent", expected: "invalidArgument",
          seen: await outcome { try await client.remote.echo([1: "one"]) },
          reference: "drops the event; the caller is lost after three intervals")
        row(
          "an error before the request is sent leaves no channel, bug (b)", expected: "0 calls",
          seen: "\(client.openCalls) calls",
          area: .referenceBugs, reference: "its heartbeat throws LostRemote into an unrelated call")
        row(
          "a result with integer keys", expected: "[1: \"one\"]",
          seen: await outcome { try await client.remote.integer_keys() },
          reference: "the client drops the event")
      }
    }

    @Test(.about(.events)) func largeArgumentAndResult() async throws {
      try await withPythonServer(heartbeat: 30, configure: { $0.timeout = .seconds(60) }) { _, client in
        let data: Data = try await client.remote.echo(Data(repeating: 3, count: 99 << 20))
        row("an argument and a result of 99 MiB", expected: 99 << 20, seen: data.count)
      }
    }
  }
}
