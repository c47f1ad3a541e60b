import Foundation
import Testing
import ZeroRPCCodeGen

/// Runs the built tool as the plugin `zerorpc-check` does.
@Suite struct ContractToolTests {
  private static let source = """
    import ZeroRPC
    protocol Greeter: RPCService {
      func greet(_ name: String?) async throws -> String
      func wave() async throws
    }

    """

  @Test func recordsTheContractOfAShop() throws {
    let generator = try Generator(["Shop.swift": Shop.source])
    defer { generator.remove() }
    let outcome = try generator.run(["--record-contracts", "Contracts", "Shop.swift"])
    #expect(outcome.errors.isEmpty)
    #expect(outcome.status == 0)
    try expectGolden(String(contentsOf: generator.path(of: "Contracts/API.Shop.json"), encoding: .utf8), "Shop.json")
  }

  @Test func readsTypesOfOtherFilesWhereverTheyLie() throws {
    let parts = Shop.source.components(separatedBy: "struct SoldOut")
    let generator = try Generator([
      "Z.swift": parts[0], "A.swift": "import Foundation\nimport ZeroRPC\nstruct SoldOut" + parts[1],
    ])
    defer { generator.remove() }
    let outcome = try generator.run(["--record-contracts", "Contracts", "Z.swift", "A.swift"])
    #expect(outcome.errors.isEmpty)
    try expectGolden(String(contentsOf: generator.path(of: "Contracts/API.Shop.json"), encoding: .utf8), "Shop.json")
  }

  @Test func failsOnABreakingChangeOnly() throws {
    let generator = try Generator(["S.swift": Self.source])
    defer { generator.remove() }
    func check(_ source: String, _ options: [String] = []) throws -> Generator.Outcome {
      try Data(source.utf8).write(to: generator.path(of: "S.swift"))
      return try generator.run(["--check-contracts", "Contracts"] + options + ["S.swift"])
    }
    _ = try generator.run(["--record-contracts", "Contracts", "S.swift"])
    let same = try check("\n// Elsewhere.\n\(Self.source)", ["--strict"])
    #expect(same.status == 0)
    #expect(same.errors.isEmpty)

    let removed = try check(Self.source.replacingOccurrences(of: "  func wave() async throws\n", with: ""))
    #expect(removed.status == 3)
    #expect(
      removed.errors == """
        S.swift:2:10: error: breaking change: method 'wave' of service 'Greeter' was removed [method-removed]
        Contracts/Greeter.json:16:5: note: the recorded contract of the method
        S.swift:2:10: note: hint: restore 'wave()', and mark it `@available(*, deprecated)` until nobody calls it

        """)

    let tightened = try check(Self.source.replacingOccurrences(of: "String?", with: "String"))
    #expect(tightened.status == 3)
    #expect(
      tightened.errors.hasPrefix("S.swift:3:8: error: breaking change: method 'greet' of service 'Greeter' takes"))

    let more = Self.source.replacingOccurrences(of: "  func wave", with: "  func bow() async throws\n  func wave")
    let added = try check(more)
    #expect(added.status == 0)
    #expect(
      added.errors
        == "S.swift:4:8: remark: compatible change: method 'bow' of service 'Greeter' is new [method-added]\n")
    #expect(try check(more, ["--strict"]).status == 4)

    _ = try generator.run(["--record-contracts", "Contracts", "S.swift"])
    #expect(try check(more, ["--strict"]).status == 0)
  }

  @Test func forgetsServicesThatAreGone() throws {
    let generator = try Generator(["S.swift": Self.source])
    defer { generator.remove() }
    _ = try generator.run(["--record-contracts", "Contracts", "S.swift"])
    let mine = generator.path(of: "Contracts/mine.json")
    try Data("{}".utf8).write(to: mine)
    try Data(Self.source.replacingOccurrences(of: "Greeter", with: "Host").utf8).write(
      to: generator.path(of: "S.swift"))
    let outcome = try generator.run(["--record-contracts", "Contracts", "S.swift"])
    #expect(outcome.status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: generator.path(of: "Contracts").path)
    #expect(names.sorted() == ["Host.json", "mine.json"])
  }

  @Test func refusesARecordedFileThatIsNoContract() throws {
    let generator = try Generator(["S.swift": Self.source])
    defer { generator.remove() }
    _ = try generator.run(["--record-contracts", "Contracts", "S.swift"])
    try Data("<<<<<<< HEAD".utf8).write(to: generator.path(of: "Contracts/Greeter.json"))
    let outcome = try generator.run(["--check-contracts", "Contracts", "S.swift"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("Contracts/Greeter.json:1:1: error: malformed JSON: expected a value\n"))
  }

  @Test func comparesNothingWhenTheSourceIsWrong() throws {
    let generator = try Generator(["S.swift": Self.source.replacingOccurrences(of: "async throws\n}", with: "\n}")])
    defer { generator.remove() }
    let outcome = try generator.run(["--check-contracts", "Contracts", "S.swift"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("is not 'async throws'"))
  }
}
