import Logging
import Synchronization
import TestSupport
import Testing
import ZeroRPC

extension Integration {
  /// Everything that can stand around calls: interceptors, resolvers, mappers, and the context that calls inherit.
  @Suite struct MiddlewareTests {
    // MARK: Task context

    @Test func headersReachTheHandler() async throws {
      try await withServer(services: [RelayService(RPCClient())]) { _, endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          let relay = RelayClient(client)
          #expect(try await relay.context() == [:])
          #expect(
            try await relay.with { $0.headers = ["trace_id": "t1", "n": [1, nil]] }.context() == [
              "trace_id": "t1", "n": [1, nil],
            ])
          try await withRPCHeaders(["trace_id": "t2", "user": "u"]) {
            let plain = try await relay.context()
            #expect(plain == ["trace_id": "t2", "user": "u"])
            let replaced = try await relay.with { $0.headers = ["user": "v"] }.context()
            #expect(replaced == ["trace_id": "t2", "user": "v"])
            try await withRPCHeaders(["trace_id": "t3"]) {
              async let child = relay.context()
              let inherited = try await child
              #expect(inherited == ["trace_id": "t3", "user": "u"])
            }
          }
          let none = try await relay.context()
          #expect(none == [:])
        }
      }
    }

    @Test func headersTravelOn() async throws {
      try await withServer(services: [RelayService(RPCClient())]) { _, inner in
        try await withRPCClient(connectingTo: inner) { innerClient in
          try await withServer(services: [RelayService(innerClient)]) { _, endpoint in
            try await withRPCClient(connectingTo: endpoint) { client in
              let relay = RelayClient(client)
              let nested = try await relay.with { $0.headers = ["trace_id": "t"] }.nested()
              #expect(nested == ["trace_id": "t"])
              let none = try await relay.nested()
              #expect(none == [:])
            }
          }
        }
      }
    }

    @Test func manyHeaders() async throws {
      try await withServer(services: [RelayService(RPCClient())]) { _, endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          for count in [11, 12, 13, 14, 15, 40] {
            let headers = Dictionary(
              uniqueKeysWithValues: (0..<count).map { ("key\($0)", MessagePackValue.int(Int64($0))) })
            let relay = RelayClient(client).with {
              $0.headers = headers
              $0.timeout = .seconds(20)
            }
            let seen = try await relay.context()
            #expect(seen == headers)
          }
        }
      }
    }

    @Test(arguments: ["message_id", "response_to", "v", "zrpc_cancel", "zrpc_timeout"])
    func headersOfTheProtocolAreRefused(_ key: String) async throws {
      try await withHarness { harness in
        let error = await #expect(throws: RPCError.self) {
          try await harness.specimen.with { $0.headers = [key: 1] }.add(1, 2)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("'\(key)'") == true)
        try await expectWorks(harness.client)
      }
    }

    @Test func tooLargeHeadersAreRefused() async throws {
      try await withHarness { harness in
        let large = String(repeating: "x", count: 40_000)
        let error = await #expect(throws: RPCError.self) {
          try await harness.specimen.with { $0.headers = ["a": .string(large)] }.add(1, 2)
        }
        #expect(error?.code == .invalidArgument)
        try await expectWorks(harness.client)
      }
    }

    struct Filter: RPCContextPropagator {
      func outgoing() -> [String: MessagePackValue] { ["a": 1, "b": 2] }
      func incoming(_ headers: [String: MessagePackValue]) -> [String: MessagePackValue] {
        headers.filter { $0.key != "b" }
      }
    }

    @Test func propagatorsAddAndFilter() async throws {
      try await withServer(services: [RelayService(RPCClient())], { $0.propagators = [Filter()] }) { _, endpoint in
        var configuration = RPCClientConfiguration()
        configuration.propagators = [Filter()]
        try await withRPCClient(connectingTo: endpoint, configuration: configuration) { client in
          let filtered = try await RelayClient(client).context()
          #expect(filtered == ["a": 1])
          #expect(try await RelayClient(client).with { $0.headers = ["a": 7, "c": 3] }.context() == ["a": 7, "c": 3])
        }
      }
    }

    // MARK: Client interceptors

    /// Writes down what it sees, under a name of its own.
    struct Recorder: RPCClientInterceptor {
      let name: String
      let log: Log

      func intercept<Result>(
        _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
      ) async throws -> Result {
        log.note("\(name) before \(call.method)\(try call.arguments()) \(call.isStream ? "stream" : "value")")
        var call = call
        call.headers[name] = "here"
        do {
          let result = try await next(call)
          log.note("\(name) after")
          return result
        } catch {
          log.note("\(name) failed")
          throw error
        }
      }

      func callEnded(_ call: RPCClientContext, error: (any Error)?) {
        log.note("\(name) ended \(call.method) \(error.map { "\(type(of: $0))" } ?? "well")")
      }
    }

    @Test func clientInterceptorsWrapCalls() async throws {
      let log = Log()
      try await withHarness(
        client: { $0.interceptors = [Recorder(name: "A", log: log), Recorder(name: "B", log: log)] }
      ) { harness in
        try await expectWorks(harness.client)
        #expect(
          log.take() == [
            "A before add[1, 2] value", "B before add[1, 2] value", "B after", "A after", "B ended add well",
            "A ended add well",
          ])
        await #expect(throws: RemoteError.self) { try await harness.specimen.fail("x") }
        #expect(
          log.take() == [
            "A before fail[\"x\"] value", "B before fail[\"x\"] value", "B failed", "A failed",
            "B ended fail RemoteError", "A ended fail RemoteError",
          ])
      }
    }

    @Test func clientInterceptorsSeeTheEndOfStreams() async throws {
      let log = Log()
      try await withHarness(client: { $0.interceptors = [Recorder(name: "A", log: log)] }) { harness in
        #expect(try await collect(harness.specimen.count(to: 3)) == [0, 1, 2])
        #expect(log.take() == ["A before count[3] stream", "A after", "A ended count well"])
        await #expect(throws: RemoteError.self) { try await collect(harness.specimen.failing(after: 1)) }
        #expect(log.take() == ["A before failing[1] stream", "A after", "A ended failing RemoteError"])
        for try await _ in try await harness.specimen.endless("e") { break }
        try await eventually("the end of the stream") { log.count == 3 }
        #expect(log.take() == ["A before endless[\"e\"] stream", "A after", "A ended endless CancellationError"])
      }
    }

    struct Again: RPCClientInterceptor {
      let attempts: Int

      func intercept<Result>(
        _ call: RPCClientContext, next: (RPCClientContext) async throws -> Result
      ) async throws -> Result {
        for _ in 1..<attempts {
          do { return try await next(call) } catch is RemoteError {}
        }
        var call = call
        call.options.timeout = .seconds(10)
        return try await next(call)
      }
    }

    @Test func clientInterceptorsMayCallAgain() async throws {
      let log = Log()
      try await withHarness(
        server: { $0.interceptors = [Counting(log: log)] }, client: { $0.interceptors = [Again(attempts: 3)] }
      ) { harness in
        await #expect(throws: RemoteError.self) { try await harness.specimen.fail("x") }
        #expect(log.take().count == 3)
        try await expectWorks(harness.client)
      }
    }

    // MARK: Server interceptors

    struct Counting: RPCServerInterceptor {
      let log: Log

      func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
        log.note(call.method)
        try await next(call)
      }
    }

    struct Watching: RPCServerInterceptor {
      let name: String
      let log: Log

      func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
        log.note("\(name) before \(call.method)\(try call.arguments()) from \(call.peer.count > 0)")
        do {
          try await next(call)
          log.note("\(name) after, result \(try call.result()?.description ?? "none")")
        } catch {
          log.note("\(name) failed with \(type(of: error))")
          throw error
        }
      }
    }

    @Test func serverInterceptorsWrapHandlers() async throws {
      let log = Log()
      try await withHarness(
        server: { $0.interceptors = [Watching(name: "A", log: log), Watching(name: "B", log: log)] }
      ) { harness in
        try await expectWorks(harness.client)
        #expect(
          log.take() == [
            "A before add[1, 2] from true", "B before add[1, 2] from true", "B after, result 3", "A after, result 3",
          ])
        await #expect(throws: Overdrawn(missing: 42, note: "é")) { try await harness.specimen.withdraw(142) }
        #expect(log.take().suffix(2) == ["B failed with Overdrawn", "A failed with Overdrawn"])
        try await harness.specimen.nothing()
        #expect(log.take().suffix(2) == ["B after, result nil", "A after, result nil"])
        #expect(try await collect(harness.specimen.count(to: 300)) == Array(0..<300))
        #expect(log.take().suffix(2) == ["B after, result none", "A after, result none"])
        await #expect(throws: RemoteError.self) { try await harness.client.remote.nosuch() }
        #expect(log.take() == [])
      }
    }

    /// Refuses, answers in the handler's stead, changes what was answered, and changes the task context.
    struct Gate: RPCServerInterceptor {
      func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
        switch call.method {
        case "echoInt": throw RemoteError(name: "Refused", message: "no")
        case "echoString": try call.reply("instead")
        case "add":
          try await next(call)
          try call.reply(.int(Int64(try call.result()?.intValue ?? 0) * 10))
        case "divide":
          try await next(call)
          throw RemoteError(name: "Late", message: "after the handler")
        case "context":
          var call = call
          call.headers["added"] = true
          try await next(call)
        default: try await next(call)
        }
      }
    }

    @Test func serverInterceptorsDecide() async throws {
      let journal = Journal()
      try await withServer(
        services: [SpecimenService(journal), RelayService(RPCClient())], journal: journal,
        { $0.interceptors = [Gate()] }
      ) { _, endpoint in
        try await withRPCClient(connectingTo: endpoint) { client in
          let specimen = SpecimenClient(client)
          await #expect(throws: RemoteError(name: "Refused", message: "no")) { try await specimen.echoInt(1) }
          #expect(try await specimen.echoString("x") == "instead")
          #expect(try await specimen.add(1, 2) == 30)
          await #expect(throws: RemoteError(name: "Late", message: "after the handler")) {
            try await specimen.divide(1, by: 1)
          }
          #expect(try await RelayClient(client).with { $0.headers = ["a": 1] }.context() == ["a": 1, "added": true])
          let other = try await specimen.echoBool(true)
          #expect(other)
        }
      }
    }

    // MARK: Resolvers and mappers

    struct Names: RPCEndpointResolver {
      let names: [String: [String]]
      func resolve(_ endpoint: String) -> [String] { names[endpoint] ?? [endpoint] }
    }

    @Test func resolversAreUsedEverywhere() async throws {
      let (one, two) = (Transport.inproc.endpoint, Transport.inproc.endpoint)
      let names = Names(names: ["both": [one, two], "none": []])
      try await withServer(at: "both", { $0.resolvers = [names] }) { server, endpoint in
        #expect(server.endpoints == [one, two])
        #expect(endpoint == one)
        var configuration = RPCClientConfiguration()
        configuration.resolvers = [names]
        try await withRPCClient(connectingTo: "both", configuration: configuration) { client in
          #expect(client.endpoints == [one, two])
          for _ in 0..<4 { try await expectWorks(client) }
          try client.disconnect("both")
          #expect(client.endpoints == [])
          let error = #expect(throws: RPCError.self) { try client.connect("none") }
          #expect(error?.code == .invalidEndpoint)
        }
        try await server.disconnect("both")
        #expect(server.endpoints == [])
      }
    }

    @Test func whatCannotBeConnectedWhollyIsNotConnected() async throws {
      var configuration = RPCClientConfiguration()
      configuration.resolvers = [Names(names: ["x": [Transport.inproc.endpoint, "nonsense"]])]
      let client = RPCClient(configuration: configuration)
      #expect(throws: RPCError.self) { try client.connect("x") }
      #expect(client.endpoints == [])
      client.close()
    }

    struct NotFound: Error, Hashable { let key: String }

    struct Lookup: RPCErrorMapper {
      func error(for remote: RemoteError, of call: RPCErrorContext) -> (any Error)? {
        remote.name == "KeyError" ? NotFound(key: "\(call.method) \(remote.message)") : nil
      }
    }

    @Test func mappersTurnRemoteErrors() async throws {
      try await withHarness(client: { $0.errorMappers = [Lookup()] }) { harness in
        try await expectWorks(harness.client)
        await #expect(throws: NotFound(key: "failRemotely k")) {
          try await harness.specimen.failRemotely("KeyError", "k", nil)
        }
        await #expect(throws: RemoteError(name: "ValueError", message: "k")) {
          try await harness.specimen.failRemotely("ValueError", "k", nil)
        }
      }
    }

    // MARK: Tracing

    @Test func traceLevelShowsEveryEvent() async throws {
      let log = Log()
      let logger = Logger(label: "test") { _ in LogHandlerToLog(log: log) }
      try await withHarness(server: { $0.logger = logger }, client: { $0.logger = logger }) { harness in
        _ = try await harness.specimen.add(1, 2)
        let lines = log.take()
        #expect(
          lines.filter { $0.contains("name: add") && $0.contains("role: client") && $0.contains("sent") }.count == 1)
        #expect(
          lines.filter { $0.contains("name: add") && $0.contains("role: server") && $0.contains("received") }.count == 1
        )
        #expect(lines.filter { $0.contains("name: OK") }.count == 2)
      }
    }
  }
}

/// Writes lines down.
final class Log: Sendable {
  private let lines = Mutex<[String]>([])

  var count: Int { lines.withLock { $0.count } }

  func note(_ line: String) { lines.withLock { $0.append(line) } }

  func count(where condition: (String) -> Bool) -> Int { lines.withLock { $0.filter(condition).count } }

  /// Returns the lines, and forgets them.
  func take() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }
}

/// Logs to a ``Log``, at trace level.
struct LogHandlerToLog: LogHandler {
  let log: Log
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  init(log: Log) { self.log = log }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    log.note("\(event.message) \(fields.joined(separator: ", "))")
  }
}
