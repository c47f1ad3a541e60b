import Testing

/// Pins what the tool says of types that cannot travel.
@Suite struct TypeDiagnosticsTests {
  @Test func refusesInout() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: inout Int) async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: parameter 'x' of requirement 'a(_:)' of service 'S' is 'inout'
        S.swift:3:15: note: hint: return the changed value: the caller's variable is out of reach

        """#)
  }

  @Test func refusesVariadics() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(all numbers: Int...) async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:26: error: parameter 'numbers' of requirement 'a(all:)' of service 'S' is variadic
        S.swift:3:26: note: hint: take an array: `numbers: [Int]`

        """#)
  }

  @Test func refusesClosures() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ done: @escaping @Sendable (Int) -> Void) async throws
        func b(x: [() -> Void], y: (() -> Void)?) async throws
        func c() async throws -> () -> Void
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:38: error: parameter 'done' of requirement 'a(_:)' of service 'S' is a closure
        S.swift:3:38: note: hint: a closure cannot travel: return a value, or an `RPCStream` of values
        S.swift:4:14: error: parameter 'x' of requirement 'b(x:y:)' of service 'S' is a closure
        S.swift:4:14: note: hint: a closure cannot travel: return a value, or an `RPCStream` of values
        S.swift:4:31: error: parameter 'y' of requirement 'b(x:y:)' of service 'S' is a closure
        S.swift:4:31: note: hint: a closure cannot travel: return a value, or an `RPCStream` of values
        S.swift:5:28: error: the result of requirement 'c()' of service 'S' is a closure
        S.swift:5:28: note: hint: a closure cannot travel: return a value, or an `RPCStream` of values

        """#)
  }

  @Test func refusesTuples() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ pair: (Int, Int)) async throws -> (a: Int, b: Int)
        func b() async throws -> [(Int, String)]?
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:18: error: parameter 'pair' of requirement 'a(_:)' of service 'S' is a tuple
        S.swift:3:18: note: hint: use a struct that is 'Codable'
        S.swift:3:46: error: the result of requirement 'a(_:)' of service 'S' is a tuple
        S.swift:3:46: note: hint: use a struct that is 'Codable'
        S.swift:4:29: error: the result of requirement 'b()' of service 'S' is a tuple
        S.swift:4:29: note: hint: use a struct that is 'Codable'

        """#)
  }

  @Test func refusesAbstractTypes() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(x: any Codable, y: some Codable, z: A & B) async throws
        func b(x: Any, y: [String: AnyHashable]) async throws -> any P
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:13: error: parameter 'x' of requirement 'a(x:y:z:)' of service 'S' has the type 'any Codable'
        S.swift:3:13: note: hint: use a concrete type: the peer must know what to decode
        S.swift:3:29: error: parameter 'y' of requirement 'a(x:y:z:)' of service 'S' has the type 'some Codable'
        S.swift:3:29: note: hint: use a concrete type: the peer must know what to decode
        S.swift:3:46: error: parameter 'z' of requirement 'a(x:y:z:)' of service 'S' has the type 'A & B'
        S.swift:3:46: note: hint: use a concrete type: the peer must know what to decode
        S.swift:4:13: error: parameter 'x' of requirement 'b(x:y:)' of service 'S' uses 'Any'
        S.swift:4:13: note: hint: use 'MessagePackValue' for a value of any type
        S.swift:4:30: error: parameter 'y' of requirement 'b(x:y:)' of service 'S' uses 'AnyHashable'
        S.swift:4:30: note: hint: use 'MessagePackValue' for a value of any type
        S.swift:4:60: error: the result of requirement 'b(x:y:)' of service 'S' has the type 'any P'
        S.swift:4:60: note: hint: use a concrete type: the peer must know what to decode

        """#)
  }

  @Test func refusesSelfAndMetatypes() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ type: Int.Type) async throws -> Self
        func b() async throws -> [Self]
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:18: error: parameter 'type' of requirement 'a(_:)' of service 'S' is a metatype
        S.swift:3:18: note: hint: send a name of the type as a 'String'
        S.swift:3:44: error: the result of requirement 'a(_:)' of service 'S' uses 'Self'
        S.swift:3:44: note: hint: use a concrete type: the peer must know what to decode
        S.swift:4:29: error: the result of requirement 'b()' of service 'S' uses 'Self'
        S.swift:4:29: note: hint: use a concrete type: the peer must know what to decode

        """#)
  }

  @Test func refusesImplicitlyUnwrappedOptionals() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: Int!) async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: parameter 'x' of requirement 'a(_:)' of service 'S' is implicitly unwrapped
        S.swift:3:15: note: hint: write '?' instead of '!'

        """#)
  }

  @Test func refusesStreamsThatAreNotTheWholeResult() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: RPCStream<Int>) async throws -> RPCStream<Int>?
        func b() async throws -> [ZeroRPC.RPCStream<Int>]
        func c() async throws -> RPCStream<RPCStream<Int>>
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: parameter 'x' of requirement 'a(_:)' of service 'S' uses 'RPCStream'
        S.swift:3:15: note: hint: a stream can only be the whole result: `-> RPCStream<…>`
        S.swift:3:47: error: the result of requirement 'a(_:)' of service 'S' uses 'RPCStream'
        S.swift:3:47: note: hint: a stream can only be the whole result: `-> RPCStream<…>`
        S.swift:4:29: error: the result of requirement 'b()' of service 'S' uses 'RPCStream'
        S.swift:4:29: note: hint: a stream can only be the whole result: `-> RPCStream<…>`
        S.swift:5:38: error: the result of requirement 'c()' of service 'S' uses 'RPCStream'
        S.swift:5:38: note: hint: a stream can only be the whole result: `-> RPCStream<…>`

        """#)
  }

  @Test func refusesKeysThatAreNoStrings() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: [Int: String]) async throws -> Dictionary<UInt8, [Bool: Int]>
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:16: error: parameter 'x' of requirement 'a(_:)' of service 'S' has a dictionary with 'Int' keys
        S.swift:3:16: note: hint: use 'String' keys, or an array of pairs in a struct
        S.swift:3:57: error: the result of requirement 'a(_:)' of service 'S' has a dictionary with 'UInt8' keys
        S.swift:3:57: note: hint: use 'String' keys, or an array of pairs in a struct
        S.swift:3:65: error: the result of requirement 'a(_:)' of service 'S' has a dictionary with 'Bool' keys
        S.swift:3:65: note: hint: use 'String' keys, or an array of pairs in a struct

        """#)
  }

  @Test func refusesVoidValues() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: Void) async throws -> [Void]
        func b() async throws -> RPCStream<()>
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: parameter 'x' of requirement 'a(_:)' of service 'S' uses 'Void'
        S.swift:3:15: note: hint: remove it: there is no value to send
        S.swift:3:38: error: the result of requirement 'a(_:)' of service 'S' uses 'Void'
        S.swift:3:38: note: hint: remove it: there is no value to send
        S.swift:4:38: error: the result of requirement 'b()' of service 'S' uses 'Void'
        S.swift:4:38: note: hint: remove it: there is no value to send

        """#)
  }

  @Test func refusesDefaultValues() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: Int = 1) async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:19: error: parameter 'x' of requirement 'a(_:)' of service 'S' has a default value
        S.swift:3:19: note: hint: Swift allows none in a protocol: add a method in an extension of it

        """#)
  }

  @Test func refusesIsolatedParameters() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: isolated Counter) async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: parameter 'x' of requirement 'a(_:)' of service 'S' is 'isolated'
        S.swift:3:15: note: hint: remove it: an actor cannot travel

        """#)
  }
}
