import Foundation
import Testing
import ZeroRPCCodeGen

/// Tries every kind of change that `Documentation/Evolution.md` lists.
@Suite struct ComparisonTests {
  /// A change by example.
  struct Example: Sendable, CustomTestStringConvertible {
    var kind: ContractChange.Kind
    var recorded: DeclaredContract
    var current: DeclaredContract

    init(_ kind: ContractChange.Kind, _ recorded: DeclaredContract, _ current: DeclaredContract) {
      self.kind = kind
      self.recorded = recorded
      self.current = current
    }

    var testDescription: String { kind.rawValue }
  }

  private static let nothing = DeclaredContract.method()
  private static func taking(_ definition: ContractDefinition) -> DeclaredContract {
    .method([("a", .item)], types: ["Item": definition])
  }
  private static func answering(_ definition: ContractDefinition) -> DeclaredContract {
    .method([], .item, types: ["Item": definition])
  }

  static let examples: [Example] = [
    Example(.methodRemoved, .service(["f": ContractMethod("f"), "g": ContractMethod("g")]), nothing),
    Example(.methodRenamed, nothing, .service(["g": ContractMethod("g")])),
    Example(.argumentAdded, .method([("a", .int)]), .method([("a", .int), ("b", .optional(.int))])),
    Example(.argumentRemoved, .method([("a", .int), ("b", .int)]), .method([("b", .int)])),
    Example(.argumentOrder, .method([("a", .int), ("b", .int)]), .method([("b", .int), ("a", .int)])),
    Example(.argumentType, .method([("a", .int)]), .method([("a", .string)])),
    Example(.argumentType, .method([("a", .array(.int))]), .method([("a", .array(.string))])),
    Example(.argumentType, .method([("a", .named("Int64"))]), .method([("a", .named("Int32"))])),
    Example(.argumentRequired, .method([("a", .optional(.int))]), .method([("a", .int)])),
    Example(.argumentRequired, .method([("a", .array(.optional(.int)))]), .method([("a", .array(.int))])),
    Example(.resultType, .method([], .int), .method([], .string)),
    Example(.resultType, .method([], .named("Int32")), .method([], .named("Int64"))),
    Example(.resultType, .method([], .int, stream: .server), .method([], .string, stream: .server)),
    Example(.resultOptional, .method([], .int), .method([], .optional(.int))),
    Example(.resultRemoved, .method([], .int), nothing),
    Example(.streamChanged, .method([], .int), .method([], .int, stream: .server)),
    Example(.streamChanged, .method([], .int, stream: .server), .method([], .int)),
    Example(.errorRemoved, .method(errors: [.named("Problem")]), nothing),
    Example(
      .errorType, .method(errors: [.item], types: ["Item": .fields(("a", .int))]),
      .method(errors: [.item], types: ["Item": .fields(("b", .int))])),
    Example(.idempotentRemoved, .method(isIdempotent: true), nothing),
    Example(.fieldRequired, taking(.fields(("a", .int))), taking(.fields(("a", .int), ("b", .int)))),
    Example(.fieldRequired, taking(.fields(("a", .optional(.int)))), taking(.fields(("a", .int)))),
    Example(.fieldRemoved, answering(.fields(("a", .int), ("b", .int))), answering(.fields(("a", .int)))),
    Example(.fieldOptional, answering(.fields(("a", .int))), answering(.fields(("a", .optional(.int))))),
    Example(.fieldType, taking(.fields(("a", .int))), taking(.fields(("a", .string)))),
    Example(.fieldType, answering(.fields(("a", .int))), answering(.fields(("a", .string)))),
    Example(.caseAdded, answering(.texts("red")), answering(.texts("red", "blue"))),
    Example(.caseRemoved, taking(.texts("red", "blue")), taking(.texts("red"))),
    Example(.caseAdded, answering(.choice(.init("a"))), answering(.choice(.init("a"), .init("b")))),
    Example(
      .fieldRequired, taking(.choice(.init("a"))), taking(.choice(.init("a", [.init("_0", .int)])))),

    Example(.swiftName, .method(swiftName: "f()"), .method(swiftName: "run()")),
    Example(.argumentName, .method([("a", .int)]), .method([("b", .int)])),

    Example(.serviceName, nothing, .service(["f": ContractMethod("f")], wireName: "other")),
    Example(.methodAdded, nothing, .service(["f": ContractMethod("f"), "g": ContractMethod("g")])),
    Example(.argumentWidened, .method([("a", .int)]), .method([("a", .optional(.int))])),
    Example(.argumentWidened, .method([("a", .named("Int32"))]), .method([("a", .named("Int64"))])),
    Example(.argumentWidened, .method([("a", .string)]), .method([("a", .named("MessagePackValue"))])),
    Example(.resultNarrowed, .method([], .optional(.int)), .method([], .int)),
    Example(.resultNarrowed, .method([], .named("Double")), .method([], .named("Float"))),
    Example(.resultAdded, nothing, .method([], .int)),
    Example(.errorAdded, nothing, .method(errors: [.named("Problem")])),
    Example(.idempotentAdded, nothing, .method(isIdempotent: true)),
    Example(.typeChanged, taking(.fields(("a", .int))), taking(.fields(("a", .int), ("b", .optional(.int))))),
    Example(.typeChanged, taking(.fields(("a", .int), ("b", .int))), taking(.fields(("a", .int)))),
    Example(.typeChanged, answering(.fields(("a", .int))), answering(.fields(("a", .int), ("b", .int)))),
    Example(.typeChanged, taking(.texts("red")), taking(.texts("red", "blue"))),
    Example(.typeChanged, answering(.texts("red", "blue")), answering(.texts("red"))),
    Example(.documentation, nothing, .service(["f": ContractMethod("f", documentation: "Runs.")])),
  ]

  @Test(arguments: examples) func findsEachKindOfChangeAndNoOther(example: Example) {
    #expect(example.current.kinds(since: example.recorded) == [example.kind])
  }

  @Test func findsServicesThatComeAndGo() {
    let (one, other) = (DeclaredContract.service([:], name: "A"), DeclaredContract.service([:], name: "B"))
    let changes = ContractComparison(recorded: [one], current: [other]).changes()
    #expect(changes.map(\.kind) == [.serviceRemoved, .serviceAdded])
  }

  @Test func everyKindIsTried() {
    let tried = Set(Self.examples.map(\.kind)).union([.serviceRemoved, .serviceAdded])
    #expect(tried == Set(ContractChange.Kind.allCases))
  }

  @Test func everyKindIsDocumented() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Documentation/Evolution.md"), encoding: .utf8)
    let sections = text.components(separatedBy: "\n## ")
    let titles: [ContractChange.Severity: String] = [
      .breaking: "Changes that break callers", .source: "Changes that callers follow in their source",
      .compatible: "Changes that callers do not notice",
    ]
    for kind in ContractChange.Kind.allCases {
      let section = sections.first { $0.hasPrefix(titles[kind.severity] ?? "?") }
      #expect(section?.contains("| `\(kind.rawValue)` |") == true, "\(kind.rawValue)")
    }
  }

  @Test func nothingHasChanged() {
    for example in Self.examples { #expect(example.current.kinds(since: example.current).isEmpty) }
  }

  @Test func saysWhatAndWhere() {
    let recorded = DeclaredContract.method([("a", .optional(.int))], file: "Contracts/T/S.json")
    let changes = DeclaredContract.method([("a", .int)]).changes(since: recorded)
    #expect(
      changes.map(\.diagnostic.description) == [
        """
        S.swift:2:8: error: breaking change: method 'f' of service 'S' takes 'a' as 'Int', and took 'Int?': callers of the \
        recorded contract may send nil [argument-required]
        Contracts/T/S.json:2:8: note: the recorded contract of the method
        S.swift:2:8: note: hint: keep it optional, and treat nil in the service
        """
      ])
  }

  @Test func reportsWhatStandsInATypeThere() {
    let recorded = Self.taking(.fields(("a", .int)))
    let change = Self.taking(.fields(("a", .int), ("b", .int))).changes(since: recorded).first
    #expect(change?.position == at(20, 8, file: "S.swift"))
    #expect(change?.message.contains("field 'b' of 'Item' is new") == true)
    #expect(change?.message.contains("argument 'a' of method 'f'") == true)
    #expect(change?.notes.map(\.position.line) == [20, 2, 2])
  }

  @Test func reportsATypeOfManyMethodsOnce() {
    func service(_ definition: ContractDefinition) -> DeclaredContract {
      let method = ContractMethod("f", arguments: [.init("a", .item)])
      return .service(["f": method, "g": method], types: ["Item": definition])
    }
    let changes = service(.fields(("b", .int))).kinds(since: service(.fields(("a", .int))))
    #expect(changes == [.fieldRequired])
  }

  @Test func aTypeInBothDirectionsIsComparedInBoth() {
    func echo(_ definition: ContractDefinition) -> DeclaredContract {
      .method([("a", .item)], .item, types: ["Item": definition])
    }
    #expect(echo(.texts("a", "b")).kinds(since: echo(.texts("a"))) == [.caseAdded])
    #expect(echo(.texts("a")).kinds(since: echo(.texts("a", "b"))) == [.caseRemoved])
    let renamed = echo(.fields(("b", .int))).kinds(since: echo(.fields(("a", .int))))
    #expect(renamed == [.fieldRequired, .fieldRemoved])
  }

  @Test func aRenamedTypeIsTheSameType() {
    let one = DeclaredContract.method([("a", .named("One"))], types: ["One": .fields(("a", .int))])
    let other = DeclaredContract.method([("a", .named("Other"))], types: ["Other": .fields(("a", .int))])
    #expect(other.kinds(since: one) == [.argumentWidened])
    let different = DeclaredContract.method([("a", .named("Other"))], types: ["Other": .fields(("b", .int))])
    #expect(different.kinds(since: one) == [.argumentType])
  }

  @Test func looksThroughAliasesAndGenericTypes() {
    let alias = ContractDefinition(.alias(.int))
    let recorded = DeclaredContract.method([("a", .named("ID"))], types: ["ID": alias])
    #expect(DeclaredContract.method([("a", .int)]).kinds(since: recorded) == [.argumentWidened])
    #expect(DeclaredContract.method([("a", .string)]).kinds(since: recorded) == [.argumentType])

    func page(_ element: ContractType) -> DeclaredContract {
      let definition = ContractDefinition(
        .structure([.init("items", .array(.named("T")))]), parameters: ["T"])
      return .method([], .named("Page", arguments: [element]), types: ["Page": definition])
    }
    #expect(page(.int).kinds(since: page(.int)).isEmpty)
    #expect(page(.string).kinds(since: page(.int)) == [.fieldType])
  }

  @Test func survivesTypesThatContainThemselves() {
    let tree = ContractDefinition.fields(("children", .array(.item)), ("a", .int))
    #expect(Self.taking(tree).kinds(since: Self.taking(tree)).isEmpty)
    let other = ContractDefinition.fields(("children", .array(.item)), ("a", .string))
    #expect(Self.taking(other).kinds(since: Self.taking(tree)) == [.fieldType])
  }

  @Test func opaqueTypesAreComparedByName() {
    let opaque = ContractDefinition(.opaque)
    #expect(Self.taking(opaque).kinds(since: Self.taking(opaque)).isEmpty)
    #expect(Self.taking(opaque).kinds(since: Self.taking(.fields(("a", .int)))) == [.argumentType])
    #expect(
      DeclaredContract.method([("a", .named("UUID"))]).kinds(since: .method([("a", .named("URL"))])) == [.argumentType])
  }
}
