import Testing

/// Pins what the tool says when pushers and publishers are asked for.
@Suite struct SenderDiagnosticsTests {
  @Test func generatesWhatDirectivesAskFor() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      import ZeroRPC
      // zerorpc: pusher, publisher
      protocol Jobs: RPCService {
        func count() async throws -> Int
        func add(_ name: String) async throws
      }
      // zerorpc: publisher
      protocol News: Jobs {}
      protocol Plain: RPCService {
        func add(_ name: String) async throws
      }

      """#
    ])
    #expect(outcome.errors.isEmpty)
    let structs = outcome.output.split(separator: "\n").filter { $0.contains("nonisolated struct") }
    #expect(
      structs == [
        "nonisolated struct JobsClient: Jobs, RPCServiceClient {", "nonisolated struct JobsPusher: RPCServicePusher {",
        "nonisolated struct JobsPublisher: RPCServicePublisher {",
        "nonisolated struct NewsClient: News, RPCServiceClient {",
        "nonisolated struct NewsPublisher: RPCServicePublisher {",
        "nonisolated struct PlainClient: Plain, RPCServiceClient {",
      ])
    #expect(outcome.output.contains("try await pusher.push(\"add\", options: options)"))
    #expect(!outcome.output.contains("push(\"count\""))
  }

  @Test func generatesWhatTheConfigurationAsksFor() throws {
    let generator = try Generator([
      "A.swift": #"""
      import ZeroRPC
      enum API {
        protocol Jobs: RPCService {
          func add(_ name: String) async throws
        }
      }

      """#,
      "c.json": #"{ "pushers": ["API.Jobs"] }"#,
    ])
    defer { generator.remove() }
    let outcome = try generator.run(["--configuration", "c.json", "A.swift"])
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("struct JobsPusher"))
    #expect(!outcome.output.contains("struct JobsPublisher"))
  }

  @Test func refusesServicesWithNothingToSend() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      import ZeroRPC
      /// Counts.
      // zerorpc: service = "counter", pusher
      // zerorpc: publisher
      protocol Counter: RPCService {
        func count() async throws -> Int
        func watch() async throws -> RPCStream<Int>
      }

      """#
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:3:34: error: service 'Counter' has no method that returns nothing, so there is nothing for a pusher
        A.swift:3:34: note: hint: add a method without a result, or do not ask for a pusher
        A.swift:4:13: error: service 'Counter' has no method that returns nothing, so there is nothing for a publisher
        A.swift:4:13: note: hint: add a method without a result, or do not ask for a publisher

        """#)
  }

  @Test func refusesWhatTheConfigurationCannotHave() throws {
    let generator = try Generator([
      "A.swift": #"""
      import ZeroRPC
      protocol Counter: RPCService {
        func count() async throws -> Int
      }

      """#,
      "c.json": "{\n  \"pushers\": [\"Counter\"],\n  \"publishers\": [\"Countre\", \"Other\"]\n}\n",
    ])
    defer { generator.remove() }
    let outcome = try generator.run(["--configuration", "c.json", "A.swift"])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors == #"""
        c.json:2:15: error: service 'Counter' has no method that returns nothing, so there is nothing for a pusher
        c.json:2:15: note: hint: add a method without a result, or do not ask for a pusher
        c.json:3:18: error: the target has no service 'Countre'
        c.json:3:18: note: hint: did you mean 'Counter'? it has 'Counter'
        c.json:3:29: error: the target has no service 'Other'
        c.json:3:29: note: hint: it has 'Counter'

        """#)
  }

  @Test func refusesNamesThatTheGeneratedTypesUse() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      import ZeroRPC
      // zerorpc: pusher, publisher
      protocol Jobs: RPCService {
        func pusher(_ name: String) async throws
        func publisher() async throws -> Int
      }

      """#
    ])
    #expect(
      outcome.errors == #"""
        A.swift:4:8: error: the name 'pusher' is reserved: 'JobsPusher' has a property of that name
        A.swift:4:8: note: hint: rename the method; `// zerorpc: name = "pusher"` above it keeps the name on the wire

        """#)
  }

  @Test func refusesPushersOfMethods() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        // zerorpc: pusher
        func a() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: directive 'pusher' does not apply to a method
        S.swift:3:15: note: hint: directives of a method: 'name', 'idempotent' and 'throws'

        """#)
  }

  @Test func generatesMocks() throws {
    let generator = try Generator([
      "A.swift": #"""
      import ZeroRPC
      // zerorpc: mock
      protocol Counter: RPCService {
        func count(_ name: String) async throws -> Int
      }
      protocol Other: RPCService {
        func on() async throws
      }
      protocol Plain: RPCService {}

      """#,
      "c.json": #"{ "mocks": ["Other"] }"#,
      "empty.json": "{}",
    ])
    defer { generator.remove() }
    let outcome = try generator.run(["--configuration", "empty.json", "A.swift"])
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.contains("final class CounterMock: Counter, Sendable {"))
    #expect(outcome.output.contains("let count = RPCMockMethod<String, Int>(\"CounterMock.count\")"))
    #expect(!outcome.output.contains("PlainMock") && !outcome.output.contains("OtherMock"))
    #expect(
      try generator.run(["--configuration", "c.json", "A.swift"]).errors == #"""
        A.swift:7:8: error: the name 'on' is reserved: 'OtherMock' has a property of that name
        A.swift:7:8: note: hint: rename the method; `// zerorpc: name = "on"` above it keeps the name on the wire

        """#)
  }
}
