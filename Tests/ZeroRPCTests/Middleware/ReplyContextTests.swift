import MessagePack
import Synchronization
import TestSupport
import Testing
import ZeroMQ
import ZeroRPC

extension Integration {
  /// Task context on the way back: what a server's propagators add to replies, and where its callers find it.
  @Suite struct ReplyContextTests {
    /// Says on the server which context the handler has, as a tracer of zerorpc-python would.
    struct Tracer: RPCContextPropagator {
      var extra: [String: MessagePackValue] = [:]

      func outgoing() -> [String: MessagePackValue] {
        var entries = extra
        if let trace = RPCTaskContext.current.headers["trace_id"] { entries["trace_id"] = trace }
        if let user = ReplyContextTests.user { entries["user"] = .string(user) }
        return entries
      }
      func incoming(_ headers: [String: MessagePackValue]) -> [String: MessagePackValue] {
        headers.isEmpty ? ["trace_id": "begun here"] : headers
      }
    }

    @TaskLocal static var user: String?

    /// Sets a task-local around handlers.
    struct Login: RPCServerInterceptor {
      func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
        try await ReplyContextTests.$user.withValue("ada") { try await next(call) }
      }
    }

    /// Writes down what the replies of ended calls brought.
    struct Watcher: RPCClientInterceptor {
      let log: Log

      func callEnded(_ call: RPCClientContext, error: (any Error)?) {
        let headers = call.replyHeaders.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.stringValue ?? "?")" }
        log.note(([call.method] + headers).joined(separator: " "))
      }
    }

    /// Calls a method in every way, and returns what the interceptor found.
    @Test func callersFindTheContextOfReplies() async throws {
      let log = Log()
      try await withHarness(
        server: {
          $0.propagators = [Tracer()]
          $0.interceptors = [Login()]
        }, client: { $0.interceptors = [Watcher(log: log)] }
      ) { harness in
        let specimen = harness.specimen.with { $0.headers = ["trace_id": "t"] }
        _ = try await specimen.add(1, 2)
        await #expect(throws: RemoteError.self) { try await specimen.fail("boom") }
        await #expect(throws: Overdrawn.self) { try await specimen.withdraw(142) }
        #expect(try await collect(specimen.count(to: 130)).count == 130)
        await #expect(throws: RemoteError.self) { try await collect(specimen.failing(after: 1)) }
        #expect(try await collect(specimen.count(to: 0)) == [])
        #expect(
          log.take() == ["add", "fail", "withdraw", "count", "failing", "count"].map { "\($0) trace_id=t user=ada" })
        // No handler runs, so no interceptor either.
        await #expect(throws: RemoteError.self) {
          try await harness.client.remote.with { $0.headers = ["trace_id": "t"] }.nosuch()
        }
        #expect(log.take() == ["nosuch trace_id=t"])
        _ = try await harness.specimen.add(1, 2)
        #expect(log.take() == ["add trace_id=begun here user=ada"])
        await #expect(throws: RPCError.self) {
          try await harness.specimen.with { $0.timeout = .milliseconds(50) }.wait("w")
        }
        #expect(log.take() == ["wait"])
      }
    }

    /// Every answer carries it, as zerorpc-python's do; heartbeats and grants do not.
    @Test func everyAnswerCarriesIt() async throws {
      try await withHarness(
        server: {
          $0.propagators = [Tracer(extra: ["n": [1, nil]])]
          $0.heartbeat = .milliseconds(100)
        }
      ) { harness in
        let peer = try RawSocket(.dealer, connecting: harness.endpoint)
        defer { peer.close() }
        func request(_ name: MessagePackValue, _ arguments: MessagePackValue, id: MessagePackValue) throws -> [[UInt8]]
        {
          [[], try RawEvent.request(name, arguments, id: id, extra: [("trace_id", "t")])]
        }
        try peer.send(try request("count", [2], id: "s"))
        try peer.send([[], try RawEvent.reply("_zpc_more", [10], to: "s")])
        var names: [MessagePackValue] = []
        for _ in 0..<3 {
          let event = try await peer.event(skipping: ["_zpc_hb"])
          names.append(event.name)
          #expect(event["trace_id"] == "t" && event["n"] == [1, nil] && event["response_to"] == "s")
        }
        #expect(names == ["STREAM", "STREAM", "STREAM_DONE"])
        try peer.send(try request("sleep", [0.35], id: "h"))
        var heartbeats = 0
        while true {
          let event = try await peer.event()
          guard event.name == "_zpc_hb" else {
            #expect(event.name == "OK" && event["trace_id"] == "t")
            break
          }
          heartbeats += 1
          #expect(event["trace_id"] == nil && event["n"] == nil)
          try peer.send([[], try RawEvent.reply("_zpc_hb", [0], to: "h")])
        }
        #expect(heartbeats >= 2)
      }
    }

    @Test(arguments: [1, 11, 12, 13, 40])
    func manyEntries(_ count: Int) async throws {
      let log = Log()
      let extra = Dictionary(uniqueKeysWithValues: (0..<count).map { ("k\($0)", MessagePackValue.string("v")) })
      try await withHarness(
        server: { $0.propagators = [Tracer(extra: extra)] }, client: { $0.interceptors = [Watcher(log: log)] }
      ) { harness in
        _ = try await harness.specimen.add(1, 2)
        await #expect(throws: Overdrawn.self) { try await harness.specimen.withdraw(142) }
        #expect(log.take().map { $0.split(separator: "=").count } == [count + 2, count + 2])
      }
    }

    /// What cannot be sent is left out; the call does not suffer.
    @Test(arguments: ["v", "zrpc_error", "large"])
    func entriesThatCannotBeSent(_ key: String) async throws {
      let value: MessagePackValue = key == "large" ? .string(String(repeating: "x", count: 40_000)) : 1
      try await withHarness(server: { $0.propagators = [Tracer(extra: [key: value])] }) { harness in
        let sum = try await harness.specimen.add(1, 2)
        #expect(sum == 3)
      }
    }

    @Test func mappersFindIt() async throws {
      struct Mapper: RPCErrorMapper {
        struct Traced: Error, Equatable { let trace: String }
        func error(for remote: RemoteError, of call: RPCErrorContext) -> (any Error)? {
          call.headers["trace_id"]?.stringValue.map { Traced(trace: $0) }
        }
      }
      try await withHarness(
        server: { $0.propagators = [Tracer()] }, client: { $0.errorMappers = [Mapper()] }
      ) { harness in
        let specimen = harness.specimen.with { $0.headers = ["trace_id": "t"] }
        await #expect(throws: Mapper.Traced(trace: "t")) { try await specimen.fail("boom") }
      }
    }

    // MARK: Calls of which it is not known what they return

    /// The way of the command line, which takes a value or a stream, goes through interceptors too.
    @Test func callsForEitherAreIntercepted() async throws {
      let log = Log()
      try await withHarness(
        server: { $0.propagators = [Tracer()] },
        client: { $0.interceptors = [MiddlewareTests.Recorder(name: "A", log: log), Watcher(log: log)] }
      ) { harness in
        func call(_ method: String, _ argument: MessagePackValue) async throws -> RPCReply {
          try await harness.client.callEither(method) { packer in
            packer.packArrayHeader(1)
            try packer.pack(argument)
          }
        }
        guard case .value(let value) = try await call("echoInt", 7) else {
          Issue.record("no value")
          return
        }
        #expect(value == 7)
        #expect(log.take() == ["A before echoInt[7] value", "A after", "echoInt", "A ended echoInt well"])
        guard case .stream(let stream) = try await call("count", 3) else {
          Issue.record("no stream")
          return
        }
        #expect(log.take() == ["A before count[3] value", "A after"])
        #expect(try await collect(stream) == [0, 1, 2])
        #expect(log.take() == ["count", "A ended count well"])
        await #expect(throws: RemoteError.self) { _ = try await call("fail", "boom") }
        #expect(log.take() == ["A before fail[\"boom\"] value", "A failed", "fail", "A ended fail RemoteError"])
      }
    }
  }
}
