import Testing
import ZeroRPCCodeGen

/// Feeds sources to the built tool and looks at the code, or at the model, that it makes of them.
@Suite struct ParsingTests {
  private func model(_ files: [String: String]) throws -> TargetModel {
    let outcome = try Generator.run(files, ["--dump-model"])
    #expect(outcome.errors.isEmpty)
    return try JSONModel.decode(outcome.output)
  }

  private func method(_ requirement: String) throws -> MethodModel {
    let service = try model(["S.swift": "protocol S: RPCService {\n\(requirement)\n}\n"]).services.first
    return try #require(service?.methods.first)
  }

  @Test func readsTheCalculator() throws {
    let source = """
      public import ZeroRPC

      /// Adds and counts.
      public protocol Calculator: RPCService {
        /// Adds two numbers.
        func add(_ a: Int, _ b: Int) async throws -> Int
        func divide(_ a: Double, by b: Double) async throws -> Double
        /// Counts from zero up to `limit`.
        func count(to limit: Int) async throws -> RPCStream<Int>  // server stream
        // zerorpc: name = "reset_all", idempotent
        func reset() async throws
      }

      extension Calculator {
        func addTwice(_ a: Int) async throws -> Int { try await add(a, a) }
      }

      """
    // The same file as the one that is rendered from the model.
    try expectGolden(Generator.run(["Calculator.swift": source]).output, "Calculator")
  }

  @Test func readsDeclaredErrors() throws {
    let source = """
      // zerorpc: throws = Common
      protocol S: RPCService {
        // zerorpc: throws = Problem, API.Other , Common, idempotent
        func a() async throws
        func b() async throws
      }

      """
    let methods = try #require(try model(["S.swift": source]).services.first?.methods)
    #expect(methods.map(\.errors) == [["Problem", "API.Other", "Common"], ["Common"]])
    #expect(methods.map(\.isIdempotent) == [true, false])
  }

  @Test func readsServicesOfSeveralFiles() throws {
    let model = try model([
      "B.swift": "import ZeroRPC\nextension API {\n  protocol Users: Base {\n    func user() async throws\n  }\n}\n",
      "A.swift": "import ZeroRPC\nprotocol Base: Sendable, ZeroRPC.RPCService {\n  func base() async throws\n}\n",
      "C.swift": "public enum API {\n  struct User {}\n}\nprotocol Other: Equatable { var x: Int { get } }\n",
    ])
    #expect(model.services.map(\.qualifiedNameForTests) == ["Base", "API.Users"])
    #expect(model.services.map { $0.methods.map(\.name) } == [["base"], ["base", "user"]])
  }

  @Test(arguments: [
    ("protocol S: RPCService {}", AccessLevel.internal), ("public protocol S: RPCService {}", .public),
    ("package protocol S: RPCService {}", .package), ("internal protocol S: RPCService {}", .internal),
    ("public enum A { public protocol S: RPCService {} }", .public),
    ("public enum A { protocol S: RPCService {} }", .internal),
    ("package enum A { public protocol S: RPCService {} }", .package),
    ("public extension A { protocol S: RPCService {} }", .public),
    ("extension A { public protocol S: RPCService {} }", .public),
  ])
  func inheritsTheAccessLevel(source: String, expected: AccessLevel) throws {
    #expect(try model(["S.swift": source]).services.map(\.access) == [expected])
  }

  @Test(arguments: [
    ("Int", "Int"), ("  [ String :[Item] ]?", "[String: [Item]]?"), ("[\n  Int\n]", "[Int]"),
    ("Dictionary<String,Int>", "Dictionary<String, Int>"), ("API . User", "API.User"), ("(Int)", "Int"),
    ("borrowing Item", "Item"), ("sending Item", "Item"), ("Int /* why */", "Int"), ("R<Int,Never>", "R<Int, Never>"),
    ("((Item))", "Item"), ("`Type`", "`Type`"), ("Data?", "Data?"), ("MessagePackValue", "MessagePackValue"),
  ])
  func readsTypes(written: String, expected: String) throws {
    #expect(try method("func f(_ x: \(written)) async throws").parameters.map(\.type) == [expected])
  }

  @Test(arguments: [
    ("", ResultModel.void), ("-> Void", .void), ("-> ()", .void), ("-> (Swift.Void)", .void),
    ("-> Int", .value(type: "Int")),
    ("-> RPCStream<[Int]>", .stream(element: "[Int]")), ("-> ZeroRPC.RPCStream< Item >", .stream(element: "Item")),
    ("-> (RPCStream<Int>)", .stream(element: "Int")),
  ])
  func readsResults(written: String, expected: ResultModel) throws {
    #expect(try method("func f() async throws \(written)").result == expected)
  }

  @Test func readsNames() throws {
    let parameters = "in place: Int, `for`: Int, _ x: Int, _: Int, under _: Int, `a b`: Int"
    let method = try method("func `default`(\(parameters)) async throws")
    #expect(method.name == "default")
    #expect(method.parameters.map(\.label) == ["in", "for", nil, nil, "under", "a b"])
    #expect(method.parameters.map(\.name) == ["place", "for", "x", nil, nil, "a b"])
  }

  @Test func readsAttributes() throws {
    let attributes = "@discardableResult @available(*, deprecated,message: \"a, b\")\n@MainActor"
    #expect(
      try method("\(attributes) nonisolated func f() async throws").attributes == [
        "@discardableResult", "@available(*, deprecated, message: \"a, b\")",
      ])
  }

  @Test(arguments: [
    ("/// One.\n///\n///     code()  \n", "One.\n\n    code()"), ("/** One. */", "One."),
    ("/**\n   * One.\n   *\n   *  Two.\n   */\n", "One.\n\n Two."), ("/**\n    One\n      two\n    */\n", "One\n  two"),
    ("/// One.\r\n/// Two.\r\n", "One.\nTwo."),
    ("/// Before.\n// zerorpc: idempotent\n/// After.\n", "Before.\nAfter."),
    ("/// \"q\" \\(x) \"\"\" 🌟\n", "\"q\" \\(x) \"\"\" 🌟"), ("///No space\n", "No space"),
  ])
  func readsDocumentation(comment: String, expected: String) throws {
    #expect(try method("\(comment)func f() async throws").documentation == expected)
  }

  @Test func readsNoDocumentation() throws {
    #expect(try method("///\n// plain\nfunc f() async throws").documentation == nil)
  }

  @Test func readsImports() throws {
    let source = """
      @preconcurrency public import Shapes
      import struct Other.Thing
      #if canImport(FoundationEssentials)
      import FoundationEssentials
      #else
        #if os(Linux)
          import Foundation
        #endif
      let unrelated = 1
      #endif
      #if DEBUG
      let nothing = 1
      #endif
      import ZeroRPC
      protocol S: RPCService { func f(_ x: Circle) async throws }
      """
    let imports = try model(["S.swift": source]).imports
    let conditional = """
      #if canImport(FoundationEssentials)
        import FoundationEssentials
      #else
        #if os(Linux)
          import Foundation
        #endif
      #endif
      """
    #expect(
      imports == [
        .single(SingleImport(path: "struct Other.Thing")),
        .single(SingleImport(attributes: ["@preconcurrency"], access: "public", path: "Shapes")),
        .single(SingleImport(path: "ZeroRPC")),
        .conditional(
          lines: conditional.split(separator: "\n").map(String.init), modules: ["FoundationEssentials", "Foundation"]),
      ])
  }

  @Test func ignoresWhatIsNoService() throws {
    let source = """
      protocol A { associatedtype B; var c: B { get }; static func d(_ e: inout Int) }
      struct RPCService {}
      func f() { struct Local {} }
      // zerorpc is a protocol, and "zerorpc: name" in a string is none.
      let text = "// zerorpc: idempotent"
      """
    #expect(try model(["A.swift": source]) == TargetModel())
  }

  @Test(arguments: [
    "", "protocol", "protocol S: RPCService { func", "protocol S: RPCService { #if", "}}} // RPCService",
    "\u{0}\u{FEFF} RPCService",
  ])
  func survivesSyntaxErrors(source: String) throws {
    #expect(try Generator.run(["A.swift": source]).status == 0)
  }
}

extension ServiceModel {
  fileprivate var qualifiedNameForTests: String { (enclosingTypes + [name]).joined(separator: ".") }
}
