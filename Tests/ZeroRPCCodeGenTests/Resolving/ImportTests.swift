import Testing
import ZeroRPCCodeGen

@Suite struct ImportTests {
  private func imports(_ files: [SourceFileModel]) -> [String] {
    TargetResolver(files: files).resolve().model.imports.flatMap { item -> [String] in
      switch item {
      case .single(let single): [single.text]
      case .conditional(let lines, _): lines
      }
    }
  }

  private func file(
    _ path: String, _ imports: [SingleImport], types: Set<String>, access: AccessLevel = .internal
  ) -> SourceFileModel {
    var service = ProtocolDeclaration.service("S", typeNames: types)
    service.access = access
    return SourceFileModel(path: path, imports: imports.map { .single($0) }, protocols: [service])
  }

  private let zeroRPC = SingleImport(access: "public", path: "ZeroRPC")
  private let foundation = SingleImport(access: "public", path: "Foundation")
  private let shapes = SingleImport(attributes: ["@preconcurrency"], path: "Shapes")

  @Test func copiesImportsAsWritten() {
    let imports = imports([file("A.swift", [shapes, zeroRPC, foundation], types: ["Circle", "Date"])])
    #expect(imports == ["public import Foundation", "@preconcurrency import Shapes", "public import ZeroRPC"])
  }

  @Test func leavesOutWhatIsNotNeeded() {
    #expect(imports([file("A.swift", [shapes, zeroRPC, foundation], types: ["Int", "RPCStream"])]) == [zeroRPC.text])
    let dates = imports([file("A.swift", [shapes, zeroRPC, foundation], types: ["Int", "Date"])])
    #expect(dates == [foundation.text, zeroRPC.text])
    // No import of Foundation: Shapes must bring it along.
    #expect(imports([file("A.swift", [shapes, zeroRPC], types: ["Date"])]) == [shapes.text, zeroRPC.text])
  }

  @Test func knowsTheTypesOfTheTarget() {
    var service = file("A.swift", [shapes, zeroRPC, foundation], types: ["Item", "Nested"])
    service.protocols[0].enclosingTypes = ["API"]
    let types = SourceFileModel(path: "B.swift", typeNames: ["Item", "API.Nested", "Other.Circle"])
    #expect(imports([service, types]) == [zeroRPC.text])
    service.protocols[0].typeNames.insert("Circle")
    #expect(imports([service, types]).count == 3)
  }

  @Test func mergesFiles() {
    let wide = SingleImport(access: "public", path: "Shapes")
    let files = [
      file("A.swift", [shapes, zeroRPC], types: ["Circle"]), file("B.swift", [wide, zeroRPC], types: ["Circle"]),
      SourceFileModel(path: "C.swift", imports: [.single(SingleImport(path: "Unrelated"))]),
    ]
    #expect(imports(files) == ["@preconcurrency public import Shapes", "public import ZeroRPC"])
  }

  @Test(arguments: [
    (AccessLevel.internal, "import ZeroRPC"), (.package, "package import ZeroRPC"), (.public, "public import ZeroRPC"),
  ])
  func importsZeroRPCThatAnotherModuleBringsAlong(access: AccessLevel, expected: String) {
    #expect(imports([file("A.swift", [], types: [], access: access)]) == [expected])
  }

  @Test func keepsConditionalImports() {
    let lines = ["#if canImport(FoundationEssentials)", "  import FoundationEssentials", "#endif"]
    var file = file("A.swift", [zeroRPC], types: ["Data"])
    file.imports.append(.conditional(lines: lines, modules: ["FoundationEssentials"]))
    #expect(imports([file]) == [zeroRPC.text] + lines)
    file.protocols[0].typeNames = []
    #expect(imports([file]) == [zeroRPC.text])
  }
}
