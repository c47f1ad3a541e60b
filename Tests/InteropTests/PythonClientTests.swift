import Foundation
import TestSupport
import Testing
import ZeroRPC

extension PythonInterop {
  /// The real Python client against the Swift server.
  @Suite(.swift(.server, with: .python)) struct PythonClientTests {
    /// Runs a Swift server and a Python process with a client `c` of it.
    private func withPythonClient(
      _ journal: Journal = Journal(), heartbeat: Double = 5, options: String = "", mayLog: Bool = false,
      _ body: (PythonPeer, RPCServer) async throws -> Void
    ) async throws {
      try await withServer(journal: journal, { $0.heartbeat = .seconds(heartbeat) }) { server, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run("c = connect('\(endpoint)', heartbeat=\(heartbeat)\(options))")
        try await body(python, server)
        if !mayLog, !python.errors.isEmpty { Issue.record("the Python peer logged:\n\(python.errors)") }
      }
    }

    /// Each with what Python prints of the result.
    static let calls: [(String, String)] = [
      ("c.add(1, 2)", "3"),
      ("c.divide(1, 4)", "0.25"),
      ("c.nothing()", "None"),
      (
        "[c.echoInt(v) for v in (0, -1, 127, -129, 2**31, 2**63-1, -2**63)]",
        "\([0, -1, 127, -129, 1 << 31, Int.max, .min])"
      ),
      ("c.echoUInt64(2**64-1)", "18446744073709551615"),
      ("[c.echoDouble(v) for v in (0.5, 3, -1.5e300)]", "[0.5, 3.0, -1.5e+300]"),
      ("c.echoInt(3.0)", "3"),
      ("c.echoFloat(1.5)", "1.5"),
      ("[c.echoBool(True), c.echoBool(False)]", "[True, False]"),
      ("[c.echoString(v) for v in ('', u'h\\xe9', 'x' * 70000)] == ['', u'h\\xe9', 'x' * 70000]", "True"),
      ("[c.echoData(v) for v in (b'', b'by\\x00\\xfft')]", "[b'', b'by\\x00\\xfft']"),
      ("[c.echoOptional(None), c.echoOptional(4)]", "[None, 4]"),
      ("c.echoArray([[], ['a', 'b']])", "[[], ['a', 'b']]"),
      ("c.echoMap({'a': [1, 2.5], b'b': []}) == {'a': [1.0, 2.5], 'b': []}", "True"),
      ("c.echoValue((1, 2))", "[1, 2]"),
      (
        "c.echoValue([None, True, -1, 300, 2**63, 1.5, u'h\\xe9', b'by\\x00\\xfft', [1, [2]], {'k': 1, b'b': 2}])",
        "[None, True, -1, 300, 9223372036854775808, 1.5, 'hé', b'by\\x00\\xfft', [1, [2]], {'k': 1, b'b': 2}]"
      ),
      ("c.echoValue(msgpack.ExtType(5, b'x'))", "ExtType(code=5, data=b'x')"),
      ("c.length(b'x' * 1000000)", "1000000"),
      ("len(c.blob(1000000))", "1000000"),
      ("c('add', 1, 2)", "3"),
      ("c('add', 1, 2, **{'async': True}).get()", "3"),
      (
        "c.echoSample(dict(title='t', parts=[dict(name='n')], counts={}, bytes=b'', date=0))['parts']",
        "[{'name': 'n'}]"
      ),
    ]

    @Test(.about(.events)) func everyType() async throws {
      try await withPythonClient { python, _ in
        for (expression, expected) in Self.calls { try await expect(python, expression, expected) }
      }
    }

    static let errors: [(String, String)] = [
      ("c.fail(u'oops \\xe9')", "['Refusal', 'oops é', False]"),
      ("c.failRemotely('ValueError', 'bad', 'Traceback')", "['ValueError', 'bad', True]"),
      ("c.nosuch(1)", "['NameError', 'nosuch', False]"),
      ("c.add(1)", "['TypeError', \"add() missing 1 required positional argument: 'b'\", False]"),
      ("c.add(1, 2, 3)", "['TypeError', 'add() takes 2 positional arguments but 3 were given', False]"),
      ("c('__init__')", "['NameError', '__init__', False]"),
      ("c._zerorpc_help('nosuch')", "['KeyError', \"'nosuch'\", False]"),
      ("c._zerorpc_pid()", "['NameError', '_zerorpc_pid', False]"),
    ]

    @Test(.about(.errors)) func errorsByName() async throws {
      try await withPythonClient { python, _ in
        for (call, expected) in Self.errors { try await expect(python, "error_of(lambda: \(call))", expected) }
        for call in ["c.add(1, 'x')", "c.unsendable()", "c.echoInt(2**63)", "c.echoInt(1.5)", "list(c.unsendables())"] {
          try await expect(python, "error_of(lambda: \(call))[0]", "'TypeError'")
        }
        try await expect(python, "c.add(1, 2)", "3")
      }
    }

    @Test(.about(.patterns)) func streams() async throws {
      try await withPythonClient { python, _ in
        for size in [0, 1, 2, 99, 100, 101, 102, 10_000] {
          try await expect(python, "list(c.count(\(size))) == list(range(\(size)))", "True")
        }
        try await expect(python, "list(c.count(250, slots=10)) == list(range(250))", "True")
        try await python.run(
          """
          def items_and_error(stream):
              items = []
              try:
                  for item in stream: items.append(item)
              except zerorpc.RemoteError as error:
                  return [len(items), error.name, error.msg]
              return [len(items)]
          """)
        for size in [1, 2, 100, 101] {
          try await expect(python, "items_and_error(c.failing(\(size)))", "[\(size), 'Refusal', 'boom']")
        }
        let many = "gevent.joinall([gevent.spawn(lambda: list(c.count(200))) for _ in range(50)])"
        try await expect(python, "[len(g.value) for g in \(many)] == [200] * 50", "True")
      }
    }

    @Test(.about(.introspection)) func introspection() async throws {
      try await withPythonClient { python, _ in
        try await expect(python, "c._zerorpc_ping()", "['pong', 'Specimen']")
        try await expect(python, "c._zerorpc_name()", "'Specimen'")
        try await expect(
          python, "'add' in c._zerorpc_list() and not [n for n in c._zerorpc_list() if n[0] == '_']", "True")
        try await expect(python, "c._zerorpc_help('add')", "'Adds two numbers.'")
        try await expect(python, "c._zerorpc_help('nothing')", "None")
        try await expect(python, "c._zerorpc_args('add')", "[['a', 'b'], None, None, None]")
        try await expect(python, "c._zerorpc_inspect()['name']", "'Specimen'")
        try await expect(
          python, "c._zerorpc_inspect()['methods']['add']",
          "{'args': [{'name': 'a'}, {'name': 'b'}], 'doc': 'Adds two numbers.'}")
        try await expect(python, "c._zerorpc_inspect()['methods']['nothing']", "{'args': [], 'doc': None}")
      }
    }

    /// Liveness is refreshed by heartbeats only: these last for many intervals.
    @Test(.about(.heartbeats)) func heartbeatsKeepLongCallsAlive() async throws {
      try await withPythonClient(heartbeat: 0.5) { python, _ in
        try await expect(python, "c.sleep(2.5)", "None")
        try await expect(python, "list(c.slowly(5, 0.5))", "[0, 1, 2, 3, 4]")
      }
    }

    @Test(.about(.heartbeats)) func passiveHeartbeat() async throws {
      try await withPythonClient(heartbeat: 0.5, options: ", passive_heartbeat=True") { python, _ in
        try await expect(python, "c.sleep(2.5)", "None")
      }
    }

    @Test(.about(.heartbeats)) func heartbeatsContinueWhileHandlersSpin() async throws {
      try await withServer({ $0.heartbeat = .seconds(1) }) { _, endpoint in
        let (busy, caller) = (try PythonPeer(), try PythonPeer())
        defer { busy.kill(); caller.kill() }
        for python in [busy, caller] { try await python.run("c = connect('\(endpoint)', heartbeat=1)") }
        let spinning = Task { try await busy.eval("error_of(lambda: c.spin(4.0))") }
        // Every answer comes while the other handler spins; a server that it stops would answer after four seconds.
        let slowest = try await caller.eval(
          "max(elapsed(lambda: c.add(n, 1))[0] for n in range(200)) < 1 and c.add(1, 2)", within: .seconds(60))
        row(
          "200 calls while a handler computes for 4 s: each within 1 s", expected: "3", seen: slowest,
          reference: "a handler that computes stops heartbeats and all calls")
        row("the call that computes, 4 intervals long", expected: "None", seen: try await spinning.value)
      }
    }

    @Test(.about(.heartbeats)) func stoppedClientIsLost() async throws {
      let journal = Journal()
      try await withServer(journal: journal, { $0.heartbeat = .seconds(1) }) { server, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run("c = connect('\(endpoint)', heartbeat=1); gevent.spawn(c.wait, 'w')")
        try await python.run("gevent.spawn(lambda: [gevent.sleep(0.001) for _ in c.endless('e')])")
        try await journal.wait(for: "w started")
        try await journal.wait(for: "e written", count: 200)
        // The server must have heard it at least once; then it counts from its last heartbeat on.
        try await python.run("gevent.sleep(1.5)")
        let clock = ContinuousClock()
        python.suspend()
        let start = clock.now
        try await journal.wait(for: "w ended")
        try await journal.wait(for: "e ended")
        let elapsed = clock.now - start
        row(
          "a client that is stopped after it sent heartbeats is lost", expected: "after 1 to 4 intervals of silence",
          seen: "after \(intervals(elapsed, of: .seconds(1)))", if: elapsed > .seconds(0.9) && elapsed < .seconds(4.5))
        row(
          "its handlers: a call cancelled, and a stream", expected: "1, 1",
          seen: "\(journal.count("w cancelled")), \(journal.count("e ended"))")
        try await expectNothingOpen(server)
        python.resume()
      }
    }

    @Test(.about(.patterns)) func clientThatLeavesAStream() async throws {
      let journal = Journal()
      // Python itself logs the items that were on their way when it left.
      try await withPythonClient(journal, heartbeat: 0.3, mayLog: true) { python, server in
        try await python.run("s = c.endless('e'); next(s); next(s); del s")
        // The reference sends nothing when it leaves; the producer stops by credit and ends as lost.
        try await journal.wait(for: "e ended")
        try await expectNothingOpen(server)
        let written = journal.count("e written")
        row(
          "a client leaves a stream, of which it says nothing", expected: "stopped within 102 items, ended as lost",
          seen: "stopped after \(written) items, ended as lost", if: written <= 102)
      }
    }

    @Test(.about(.channels)) func lateReplyAfterTimeout() async throws {
      let journal = Journal()
      try await withServer(journal: journal) { _, endpoint in
        let python = try PythonPeer()
        defer { python.kill() }
        try await python.run("c = connect('\(endpoint)')")
        try await expect(python, "error_of(lambda: c('wait', 'w', timeout=0.3))", "['TimeoutExpired']")
        journal.release("w")
        try await journal.wait(for: "w ended")
        try await expect(python, "c.add(1, 2)", "3")
      }
    }

    @Test(.about(.channels)) func multiplePythonClientsAtOnce() async throws {
      try await withPythonClient { python, _ in
        let sums = try await python.eval(
          "sorted(g.value for g in gevent.joinall([gevent.spawn(c.add, n, 1) for n in range(500)])) == list(range(1, 501))"
        )
        row("500 calls at once, each with its own answer", expected: "True", seen: sums)
      }
    }
  }
}
