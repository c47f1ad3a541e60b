import Foundation
import MessagePack
import TestSupport
import Testing

@testable import zrpc

/// What `zrpc import` makes of answers.
@Suite struct ProtocolWriterTests {
  private func write(
    _ answer: MessagePackValue, name: String? = nil, access: ProtocolWriter.Access = .internal,
    patterns: [String: ImportedMethod.Pattern] = [:]
  ) throws -> String {
    let service = ImportedService(try #require(ServiceDescription(answer)), named: name, patterns: patterns)
    return ProtocolWriter(service: service, access: access, origin: "tcp://x:1").text
  }

  /// What a service of zerorpc for Node answers: names, and empty documentation.
  @Test func node() throws {
    let text = try write([
      "name": "Object",
      "methods": [
        "addTwo": ["doc": "", "args": [["name": "first"], ["name": "second"]]], "quit": ["doc": "", "args": []],
      ],
    ])
    #expect(
      text == """
        // Written by 'zrpc import tcp://x:1' from what the service tells about itself. Edit it as you like.
        //
        // MessagePackValue stands where neither the service nor its documentation tells a type: write the type that you know.

        import ZeroRPC

        /// Calls the zerorpc service `Object`.
        protocol Object: RPCService {
          @discardableResult
          func addTwo(first: MessagePackValue, second: MessagePackValue) async throws -> MessagePackValue

          @discardableResult
          func quit() async throws -> MessagePackValue
        }

        """)
  }

  @Test func swift() throws {
    let text = try write(
      [
        "name": "Store",
        "methods": [
          "put": ["doc": "Puts.", "args": [["name": "item"], ["name": "at"]]], "all": ["doc": nil, "args": []],
          "clear": ["doc": nil, "args": []],
        ],
        "types": [
          "put": ["args": ["Item", "Date?"], "returns": "Int", "stream": false],
          "all": ["args": [], "returns": "RPCStream<[String: Data]>", "stream": true],
          "clear": ["args": [], "returns": nil, "stream": false],
        ],
      ], name: "Shop", access: .public)
    #expect(
      text.hasSuffix(
        """
        public import Foundation
        public import ZeroRPC

        /// Calls the zerorpc service `Store`.
        // zerorpc: service = "Store"
        public protocol Shop: RPCService {
          /// Puts.
          ///
          /// For the service, `item` is of the type `Item`.
          func put(item: MessagePackValue, at: Date?) async throws -> Int

          func all() async throws -> RPCStream<[String: Data]>

          func clear() async throws
        }

        """))
  }

  @Test func theUserKnowsBetter() throws {
    let answer: MessagePackValue = [
      "name": "S", "methods": ["a": ["args": [], "doc": "Streams."], "b": ["args": []]],
    ]
    let text = try write(answer, patterns: ["a": .value, "b": .stream])
    #expect(text.contains("func a() async throws -> MessagePackValue"))
    #expect(text.contains("func b() async throws -> RPCStream<MessagePackValue>"))
    #expect(try write(answer).contains("func a() async throws -> RPCStream<MessagePackValue>"))
  }

  @Test(arguments: [
    ("reset_all", "resetAll"), ("Add", "add"), ("GET_ALL", "getAll"), ("any-name", "anyName"), ("2nd", "_2nd"),
    ("getURL", "getURL"), ("__x__", "x"), ("größe_x", "größeX"), ("-", "method"), ("class", "class"),
  ])
  func namesOfMethods(name: String, swift: String) {
    #expect(SwiftName.member(name, or: "method") == swift)
  }

  @Test(arguments: [
    ("cooler_service", "CoolerService"), ("Cooler", "Cooler"), ("__main__", "Main"), ("Data", "DataService"),
    ("", "Service"), ("SERVICE", "Service"), ("3d", "_3d"), ("int", "IntService"),
  ])
  func namesOfServices(name: String, swift: String) {
    #expect(SwiftName.type(name) == swift)
  }

  /// A peer must not be able to write code into the file, or directives.
  @Test func namesCannotBreakOut() throws {
    let text = try write([
      "name": "S\n}\nevil()",
      "methods": [
        "a\"b": ["args": [], "doc": nil],
        "f(){}//": ["args": [["name": "x: Int){}\n"]], "doc": "a\n*/ \u{2028}b\r\nc"],
        "g": ["args": [], "doc": "\u{0}zerorpc: idempotent"], "h": ["args": [], "doc": "Zerorpc: idempotent"],
      ],
    ])
    #expect(!text.contains("\nevil"))
    let outcome = try GeneratorRun.diagnose(text)
    #expect(outcome == "")
    #expect(text.contains(#"// There is also "a\"b", which no directive can name."#))
    #expect(text.contains("func f(xInt: MessagePackValue) async throws"))
    #expect(text.contains("“Zerorpc: idempotent”"))
  }
}

/// The generator, run on a file.
enum GeneratorRun {
  /// What it complains about.
  static func diagnose(_ text: String) throws -> String {
    let directory = FileManager.default.temporaryDirectory.appending(path: "zerorpc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let source = directory.appending(path: "Imported.swift")
    try Data(text.utf8).write(to: source)
    let process = Process()
    process.executableURL = try Program.built("zerorpc-generator")
    process.arguments = ["--output", directory.appending(path: "out.swift").path, source.path]
    let errors = directory.appending(path: "errors")
    try Data().write(to: errors)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return try String(decoding: Data(contentsOf: errors), as: UTF8.self)
  }
}
