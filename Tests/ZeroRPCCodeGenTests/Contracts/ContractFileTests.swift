import Foundation
import Testing
import ZeroRPCCodeGen

@Suite struct ContractFileTests {
  private static let contract: Contract = DeclaredContract.service(
    [
      "do-it": ContractMethod(
        "doIt(_:)", documentation: "Does \"it\".\n\\ é \u{7}",
        arguments: [.init("a", .optional(.array(.dictionary(key: .string, value: .item))))],
        result: .named("Page", arguments: [.item]), stream: .server, isIdempotent: true,
        errors: [.named("Problem"), .unknown("(Int, Int)")]),
      "none": ContractMethod("none()"),
    ],
    types: [
      "Item": .fields(("a", .int)), "Empty": .fields(), "Color": .texts("red"), "Never": .texts(),
      "Event": .choice(.init("a", [.init("_0", .int)]), .init("b")), "ID": ContractDefinition(.alias(.string)),
      "Other": ContractDefinition(.opaque, documentation: "Other."),
      "Page": ContractDefinition(.structure([]), parameters: ["T"]),
    ], name: "API.S", wireName: "s", documentation: "A service."
  ).contract

  @Test func readsWhatItWrites() throws {
    let read = try ContractReader.read(Self.contract.json, path: "S.json")
    #expect(read.contract == Self.contract)
    #expect(read.contract.json == Self.contract.json)
    let lines = Self.contract.json.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(read.methods["do-it"]?.line)
    #expect(lines[line - 1] == "    \"do-it\": {")
    #expect(read.types["Event"].map { lines[$0.line - 1] } == "    \"Event\": {")
  }

  @Test func isJSON() throws {
    let object = try JSONSerialization.jsonObject(with: Data(Self.contract.json.utf8)) as? [String: Any]
    let methods = object?["methods"] as? [String: [String: Any]]
    #expect(methods?["do-it"]?["documentation"] as? String == "Does \"it\".\n\\ é \u{7}")
  }

  @Test(arguments: [
    ("", "malformed JSON: expected a value"), ("[]", "this is no contract: expected an object"),
    ("{}", "this is no contract: 'contractVersion' is missing"),
    ("{\"contractVersion\": 2}", "the contract is of version 2, and this tool reads version 1"),
    ("{\"contractVersion\": 1}", "this is no contract: 'service' is missing"),
  ])
  func refusesWhatIsNoContract(text: String, message: String) {
    let error = #expect(throws: Diagnostic.self) { try ContractReader.read(text, path: "S.json") }
    #expect(error?.message == message)
    #expect(error?.notes.isEmpty == false)
  }

  @Test(arguments: ["\"arguments\": []", "\"kind\": \"opaque\"", "\"stream\": \"none\"", "\"idempotent\": false"])
  func saysWhichMemberIsWrong(member: String) throws {
    let text = Self.contract.json.replacingOccurrences(of: member, with: "\"stream\": 7")
    #expect(text != Self.contract.json)
    let error = #expect(throws: Diagnostic.self) { try ContractReader.read(text, path: "S.json") }
    #expect(error?.message.hasPrefix("this is no contract: ") == true)
  }

  @Test func ignoresWhatLaterVersionsAdd() throws {
    let text = Self.contract.json.replacingOccurrences(
      of: "\"contractVersion\": 1,", with: "\"contractVersion\": 1, \"more\": [1, {\"a\": null}],")
    #expect(try ContractReader.read(text, path: "S.json").contract == Self.contract)
  }
}
