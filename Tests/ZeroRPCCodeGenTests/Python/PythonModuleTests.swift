import Foundation
import Testing
import ZeroRPCCodeGen

@Suite struct PythonModuleTests {
  private static func shop() throws -> PythonModule {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/Shop.json.golden")
    let text = try String(contentsOf: golden, encoding: .utf8)
    return PythonModule(contract: try ContractReader.read(text, path: "Shop.json").contract)
  }

  @Test func rendersTheClientOfAShop() throws {
    let module = try Self.shop()
    #expect(module.name == "api_shop_client")
    try expectGolden(module.source, "Shop.py")
    try expectGolden(module.stub, "Shop.pyi")
  }

  @Test func namesWhatPythonCannotName() {
    let contract = DeclaredContract.service([
      "a-b": ContractMethod("ab"), "a_b": ContractMethod("ab"), "close": ContractMethod("close"),
      "class": ContractMethod("class"), "1st": ContractMethod("first"), "__x": ContractMethod("x"),
    ]).contract
    let stub = PythonModule(contract: contract).stub
    for name in ["a_b(", "a_b_(", "close_(", "class_(", "_1st(", "_x("] {
      #expect(stub.contains("    def \(name)self, *, timeout: float | None = None) -> None: ..."))
    }
  }

  @Test func spellsOutTypesThatMembersHide() {
    let contract = DeclaredContract.service([
      "list": ContractMethod("list", result: .array(.int)),
      "put": ContractMethod("put", arguments: [.init("int", .int)]),
    ]).contract
    let stub = PythonModule(contract: contract).stub
    #expect(stub.contains("import builtins\n"))
    #expect(stub.contains("-> builtins.list[builtins.int]: ..."))
    #expect(stub.contains("def put(self, int: builtins.int, *"))
  }

  @Test func keepsDocumentationInsideItsString() {
    let contract = DeclaredContract.service(["f": ContractMethod("f", documentation: "Says \"\"\"a\\b\"\"\"")]).contract
    #expect(PythonModule(contract: contract).stub.contains(#"        """Says \"\"\"a\\b\"\"\" """"#))
  }
}
