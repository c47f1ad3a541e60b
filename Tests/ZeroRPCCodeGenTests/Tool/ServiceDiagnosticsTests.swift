import Testing

/// Pins what the tool says of protocols and of several files.
@Suite struct ServiceDiagnosticsTests {
  @Test func refusesServicesThatItCannotSee() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      private protocol Hidden: RPCService {}
      private enum API {
        public protocol Inner: RPCService {}
      }
      #if DEBUG
        protocol Conditional: RPCService {}
      #endif

      """#
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:1:18: error: service 'Hidden' is private: code generated into another file cannot see it
        A.swift:1:18: note: hint: make it internal by removing 'private' or 'fileprivate'
        A.swift:3:19: error: service 'Inner' is private: code generated into another file cannot see it
        A.swift:3:19: note: hint: make it internal by removing 'private' or 'fileprivate'
        A.swift:6:12: error: service 'Conditional' is declared inside '#if'
        A.swift:6:12: note: hint: declare it unconditionally: client and server must agree on it whatever they are built with

        """#)
  }

  @Test func refusesServicesThatAStructCannotBe() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      protocol A: RPCService, AnyObject {}
      protocol B: Actor & RPCService {}
      protocol C: RPCService where Self: Foo {}

      """#
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:1:25: error: service 'A' cannot inherit from 'AnyObject': its client is a struct
        A.swift:1:25: note: hint: remove 'AnyObject'; a class or an actor can implement the service without it
        A.swift:2:13: error: service 'B' cannot inherit from 'Actor': its client is a struct
        A.swift:2:13: note: hint: remove 'Actor'; a class or an actor can implement the service without it
        A.swift:3:24: error: service 'C' has a 'where' clause
        A.swift:3:24: note: hint: remove it: a service knows no associated types

        """#)
  }

  @Test func refusesServicesOfOtherTypes() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      enum API {
        protocol Users: RPCService {
          func get() async throws -> User
        }
      }

      """#,
      "B.swift": #"""
      protocol Admin: API.Users {}

      """#,
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        B.swift:1:17: error: service 'Admin' inherits from 'API.Users', whose types it may not see by their short names
        B.swift:1:17: note: hint: declare both services in the same type, or both at file level

        """#)
  }

  @Test func refusesUnknownServiceDirectives() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      // zerorpc: servce = "x", methodNames = camel
      protocol A: RPCService {}
      // zerorpc: name = "b"
      protocol B: RPCService {}

      """#
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:1:13: error: unknown directive 'servce'
        A.swift:1:13: note: hint: did you mean 'service'? directives of a service: 'service', 'methodNames', 'throws', 'pusher', 'publisher' and 'mock'
        A.swift:1:41: error: directive 'methodNames' must be 'asWritten' or 'snake_case'
        A.swift:1:41: note: hint: write `methodNames = asWritten`
        A.swift:3:13: error: directive 'name' does not apply to a service
        A.swift:3:13: note: hint: directives of a service: 'service', 'methodNames', 'throws', 'pusher', 'publisher' and 'mock'

        """#)
  }

  @Test func refusesDirectivesOnWhatIsNoService() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      // zerorpc: service = "a"
      protocol A {
        // zerorpc: idempotent
        func f()
      }
      // zerorpc: idempotent
      struct B {}

      """#
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:1:13: error: directive has no effect: protocol 'A' is not a service
        A.swift:1:13: note: hint: let 'A' inherit from 'RPCService', or remove the directive
        A.swift:3:15: error: directive has no effect: protocol 'A' is not a service
        A.swift:3:15: note: hint: let 'A' inherit from 'RPCService', or remove the directive
        A.swift:6:13: error: directive stands above neither a service protocol nor a requirement
        A.swift:6:13: note: hint: put it on a line of its own directly above the 'protocol' or 'func' that it is for

        """#)
  }

  @Test func reportsAllFilesInOneRun() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      protocol A: RPCService {
        func a()
      }

      """#,
      "B.swift": #"""
      protocol B: A {
        func b() async throws
        func a() async throws
        var c: Int { get }
      }

      """#,
      "C.swift": #"""
      protocol C: B {
        func c() throws
      }

      """#,
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:2:8: error: requirement 'a()' of service 'A' is not 'async throws'
        A.swift:2:8: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail
        B.swift:3:8: error: two methods of service 'B' have the wire name 'a'
        A.swift:2:8: note: the other one is here
        B.swift:3:8: note: hint: rename one of them, or give it a name on the wire: `// zerorpc: name = "…"`
        B.swift:4:7: error: requirement 'c' of service 'B' is a property
        B.swift:4:7: note: hint: write a method: `func c() async throws -> …`
        C.swift:2:8: error: requirement 'c()' of service 'C' is not 'async throws'
        C.swift:2:8: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail

        """#)
  }

  @Test func countsColumnsInBytes() throws {
    let outcome = try Generator.run([
      "A.swift": #"""
      protocol Größe: RPCService { /* 🌟 */ func ä() }

      """#
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:1:48: error: requirement 'ä()' of service 'Größe' is not 'async throws'
        A.swift:1:48: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail

        """#)
  }

  @Test func readsFilesWithCarriageReturns() throws {
    let outcome = try Generator.run([
      "A.swift": "protocol A: RPCService {\r\n  // zerorpc: nme = \"x\"\r\n  func a() async throws\r\n}\r\n"
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors == #"""
        A.swift:2:15: error: unknown directive 'nme'
        A.swift:2:15: note: hint: did you mean 'name'? directives of a method: 'name', 'idempotent' and 'throws'

        """#)
  }
}
