import Testing

/// Pins what the tool says of requirements that cannot be called remotely.
@Suite struct RequirementDiagnosticsTests {
  @Test func refusesWhatIsNotAsyncThrows() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a() throws
        func b(_ x: Int, by y: Int) async
        func c() -> Int
        func d(_ body: () -> Void) async rethrows
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:8: error: requirement 'a()' of service 'S' is not 'async throws'
        S.swift:3:8: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail
        S.swift:4:8: error: requirement 'b(_:by:)' of service 'S' is not 'async throws'
        S.swift:4:8: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail
        S.swift:5:8: error: requirement 'c()' of service 'S' is not 'async throws'
        S.swift:5:8: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail
        S.swift:6:8: error: requirement 'd(_:)' of service 'S' is not 'async throws'
        S.swift:6:8: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail
        S.swift:6:18: error: parameter 'body' of requirement 'd(_:)' of service 'S' is a closure
        S.swift:6:18: note: hint: a closure cannot travel: return a value, or an `RPCStream` of values

        """#)
  }

  @Test func refusesTypedThrows() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a() async throws(Problem)
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:25: error: requirement 'a()' of service 'S' has typed throws
        S.swift:3:25: note: hint: write 'throws' alone, as a remote call can also fail by a timeout or a lost connection; `// zerorpc: throws = Problem` above it lets the error arrive as itself

        """#)
  }

  @Test func refusesGenerics() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a<T: Codable>(_ value: T) async throws -> T
        func b() async throws where Self: Sendable
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:9: error: requirement 'a(_:)' of service 'S' is generic
        S.swift:3:9: note: hint: use concrete types: the peer must know what to decode
        S.swift:4:25: error: requirement 'b()' of service 'S' has a 'where' clause
        S.swift:4:25: note: hint: use concrete types: the peer must know what to decode

        """#)
  }

  @Test func refusesAssociatedTypes() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        associatedtype Item: Codable
        func a() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:18: error: service 'S' has the associated type 'Item'
        S.swift:3:18: note: hint: use concrete types: the peer must know what to decode

        """#)
  }

  @Test func refusesProperties() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        var count: Int { get }
        var `default`: Int { get async throws }
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:7: error: requirement 'count' of service 'S' is a property
        S.swift:3:7: note: hint: write a method: `func count() async throws -> …`
        S.swift:4:7: error: requirement '`default`' of service 'S' is a property
        S.swift:4:7: note: hint: write a method: `func default() async throws -> …`

        """#)
  }

  @Test func refusesSubscripts() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        subscript(index: Int) -> Int { get async throws }
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:3: error: service 'S' requires a subscript
        S.swift:3:3: note: hint: write a method: `func element(at index: Int) async throws -> …`

        """#)
  }

  @Test func refusesInitializers() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        init(x: Int)
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:3: error: service 'S' requires an initializer
        S.swift:3:3: note: hint: remove it: the server has its instance, and a client cannot make another

        """#)
  }

  @Test func refusesStaticAndMutating() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        static func a() async throws
        mutating func b() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:3: error: requirement 'a()' of service 'S' is 'static'
        S.swift:3:3: note: hint: remove 'static': calls reach an instance that the server was given
        S.swift:4:3: error: requirement 'b()' of service 'S' is 'mutating'
        S.swift:4:3: note: hint: remove 'mutating'; keep changing state in a class or an actor that implements the service

        """#)
  }

  @Test func refusesOperators() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        static func + (a: Int, b: Int) async throws -> Int
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:15: error: requirement '+(a:b:)' of service 'S' is an operator
        S.swift:3:15: note: hint: write a method with a name

        """#)
  }

  @Test func refusesRequirementsInConditions() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        #if DEBUG
          // zerorpc: name = "dbg"
          func a(x: Int) async throws
          #if os(Linux)
            var b: Int { get }
          #endif
        #else
          typealias Unimportant = Int
        #endif
        """#)
    #expect(
      diagnostics == #"""
        S.swift:5:10: error: requirement 'a(x:)' of service 'S' is inside '#if'
        S.swift:5:10: note: hint: declare it unconditionally: client and server must agree on it whatever they are built with
        S.swift:7:7: error: a requirement of service 'S' is inside '#if'
        S.swift:7:7: note: hint: declare it unconditionally: client and server must agree on it whatever they are built with

        """#)
  }

  @Test func refusesUnsupportedAvailability() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        @available(*, unavailable) func a() async throws
        @available(macOS, introduced: 26) func b() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:3: error: requirement 'a()' of service 'S' has an '@available' that a server cannot follow
        S.swift:3:3: note: hint: use `@available(macOS 26, *)` or `@available(*, deprecated)`, or move the method to another service
        S.swift:4:3: error: requirement 'b()' of service 'S' has an '@available' that a server cannot follow
        S.swift:4:3: note: hint: use `@available(macOS 26, *)` or `@available(*, deprecated)`, or move the method to another service

        """#)
  }

  @Test func refusesReservedNames() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func _zerorpc_list() async throws
        // zerorpc: name = "_zerorpc_ping"
        func ping() async throws
        func client() async throws
        func options(_ a: Int) async throws
        func zeroRPCGenerated() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:8: error: the name '_zerorpc_list' is reserved: names that begin with '_zerorpc' belong to the zerorpc protocol
        S.swift:3:8: note: hint: choose another name
        S.swift:4:22: error: the name '_zerorpc_ping' is reserved: names that begin with '_zerorpc' belong to the zerorpc protocol
        S.swift:4:22: note: hint: choose another name
        S.swift:6:8: error: the name 'client' is reserved: 'SClient' has a property of that name
        S.swift:6:8: note: hint: rename the method; `// zerorpc: name = "client"` above it keeps the name on the wire
        S.swift:7:8: error: the name 'options' is reserved: 'SClient' has a property of that name
        S.swift:7:8: note: hint: rename the method; `// zerorpc: name = "options"` above it keeps the name on the wire
        S.swift:8:8: error: the name 'zeroRPCGenerated' is reserved for generated code
        S.swift:8:8: note: hint: choose another name

        """#)
  }

  @Test func refusesOverloads() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func add(_ a: Int) async throws
        func add(_ a: Double) async throws
        // zerorpc: name = "add"
        func sum() async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:4:8: error: two methods of service 'S' have the wire name 'add'
        S.swift:3:8: note: the other one is here
        S.swift:4:8: note: hint: rename one of them, or give it a name on the wire: `// zerorpc: name = "…"`
        S.swift:6:8: error: two methods of service 'S' have the wire name 'add'
        S.swift:3:8: note: the other one is here
        S.swift:6:8: note: hint: rename one of them, or give it a name on the wire: `// zerorpc: name = "…"`

        """#)
  }

  @Test func reportsAllThatIsWrongWithOneRequirement() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        static func a<T>(_ x: inout T, y: Int...) -> (T, T)
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:3: error: requirement 'a(_:y:)' of service 'S' is 'static'
        S.swift:3:3: note: hint: remove 'static': calls reach an instance that the server was given
        S.swift:3:15: error: requirement 'a(_:y:)' of service 'S' is not 'async throws'
        S.swift:3:15: note: hint: write 'async throws' after the parameters: a remote call suspends, and it can fail
        S.swift:3:16: error: requirement 'a(_:y:)' of service 'S' is generic
        S.swift:3:16: note: hint: use concrete types: the peer must know what to decode
        S.swift:3:25: error: parameter 'x' of requirement 'a(_:y:)' of service 'S' is 'inout'
        S.swift:3:25: note: hint: return the changed value: the caller's variable is out of reach
        S.swift:3:40: error: parameter 'y' of requirement 'a(_:y:)' of service 'S' is variadic
        S.swift:3:40: note: hint: take an array: `y: [Int]`
        S.swift:3:48: error: the result of requirement 'a(_:y:)' of service 'S' is a tuple
        S.swift:3:48: note: hint: use a struct that is 'Codable'

        """#)
  }

  @Test func warnsOfWhatItCannotParse() throws {
    let diagnostics = try Generator.diagnostics(
      requirements: #"""
        func a(_ x: ) async throws
        """#)
    #expect(
      diagnostics == #"""
        S.swift:3:8: warning: requirement 'a(_:)' of service 'S' could not be parsed and is left out
        S.swift:3:8: note: hint: if the compiler accepts it, update swift-syntax in this package: the parser is older than the syntax

        """#)
  }
}
