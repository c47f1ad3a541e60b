import Foundation
import MessagePack
import Testing

@testable import zrpc

@Suite struct ServiceDescriptionTests {
  @Test func describesASwiftService() throws {
    let service = try #require(
      ServiceDescription([
        "name": "Calculator",
        "methods": [
          "add": ["args": [["name": "a"], ["name": "b"]], "doc": "Adds two numbers."],
          "reset": ["args": [], "doc": nil],
        ],
      ]))
    #expect(
      service.overview == """
        Calculator

          add(a, b)  Adds two numbers.
          reset()
        """)
    #expect(service.methods[0].details == "add(a, b)\n\n  Adds two numbers.")
    #expect(service.methods[1].details == "reset()\n\n  (no documentation)")
  }

  @Test func describesAPythonService() throws {
    let service = try #require(
      ServiceDescription([
        "name": "Cooler",
        "methods": [
          "cool": [
            "args": [
              ["name": "self"], ["name": "target"], ["name": "speed", "default": 5], ["name": "to", "default": nil],
            ],
            "doc": "\n    Cools.\n\n      Slowly.  \n    Quietly.\n    ",
          ]
        ],
      ]))
    #expect(service.methods[0].details == "cool(target, speed=5, to=null)\n\n  Cools.\n\n    Slowly.\n  Quietly.")
    #expect(service.overview == "Cooler\n\n  cool(target, speed=5, to=null)  Cools.")
  }

  @Test func toleratesWhatIsMissing() throws {
    let service = try #require(ServiceDescription(["methods": ["a": nil, "b": ["args": nil, "doc": ""]]]))
    #expect(service.overview == "(a service without a name)\n\n  a(…)\n  b(…)")
    #expect(try #require(ServiceDescription(["name": "Empty", "methods": [:]])).overview == "Empty\n\n  (no methods)")
    #expect(ServiceDescription("pong") == nil)
    #expect(ServiceDescription(["name": "x"]) == nil)
  }

  @Test func readsTextThatWasSentAsBinary() throws {
    let name = MessagePackValue.binary(.init("name".utf8))
    let methods = MessagePackValue.binary(.init("methods".utf8))
    let service = try #require(ServiceDescription([name: .binary(.init("Old".utf8)), methods: ["f": nil]]))
    #expect(service.name == "Old")
    #expect(service.methods.map(\.name) == ["f"])
  }

  @Test func keepsTheTerminalFromObeyingAPeer() throws {
    let service = try #require(ServiceDescription(["name": "\u{1b}[2J", "methods": ["f": ["doc": "a\u{7}\tb"]]]))
    #expect(service.overview == "\\u{1b}[2J\n\n  f(…)  a\\u{7}\tb")
  }
}
