import Testing
import ZeroRPCCodeGen

@Suite struct TargetResolverTests {
  private func resolve(
    _ protocols: [ProtocolDeclaration], configuration: GeneratorConfiguration = GeneratorConfiguration()
  ) -> (model: TargetModel, diagnostics: String) {
    let file = SourceFileModel(path: "A.swift", protocols: protocols)
    let (model, diagnostics) = TargetResolver(files: [file], configuration: configuration).resolve()
    return (model, diagnostics.map(\.description).joined(separator: "\n"))
  }

  @Test func ignoresProtocolsThatAreNoServices() {
    let plain = ProtocolDeclaration(
      name: "Plain", inherited: [InheritedType(name: "Sendable", position: at())],
      diagnostics: [Diagnostic("not shown", at: at())], position: at())
    let (model, diagnostics) = resolve([plain])
    #expect(model == TargetModel())
    #expect(diagnostics.isEmpty)
  }

  @Test func includesInheritedMethodsOnce() {
    let base = ProtocolDeclaration.service("Base", [.method("base")], inherits: ["ZeroRPC.RPCService"])
    let left = ProtocolDeclaration.service("Left", [.method("left")], inherits: ["Base"])
    let right = ProtocolDeclaration.service("Right", [.method("right")], inherits: ["Base"])
    let both = ProtocolDeclaration.service("Both", [.method("both")], inherits: ["Left", "Right"])
    let (model, diagnostics) = resolve([both, left, right, base])
    #expect(diagnostics.isEmpty)
    #expect(model.services.map(\.name) == ["Both", "Left", "Right", "Base"])
    #expect(model.services.first?.methods.map(\.name) == ["base", "left", "right", "both"])
  }

  @Test func survivesProtocolsThatInheritFromEachOther() {
    let one = ProtocolDeclaration.service("One", [.method("one")], inherits: ["Two"])
    let two = ProtocolDeclaration.service("Two", [.method("two")], inherits: ["One", "RPCService"])
    let (model, _) = resolve([one, two])
    #expect(model.services.map { $0.methods.map(\.name) } == [["two", "one"], ["one", "two"]])
  }

  @Test func findsInheritedProtocolsFromTheInside() {
    var inner = ProtocolDeclaration.service("Base", [.method("inner")])
    inner.enclosingTypes = ["API"]
    var child = ProtocolDeclaration.service("Child", inherits: ["Base"])
    child.enclosingTypes = ["API", "V1"]
    let outer = ProtocolDeclaration.service("Base", [.method("outer")])
    let (model, diagnostics) = resolve([outer, inner, child])
    #expect(diagnostics.isEmpty)
    #expect(model.services.last?.methods.map(\.name) == ["inner"])
  }

  @Test func namesMethods() {
    let snake = DirectiveComment("methodNames = snake_case, service = \"s\"", at: at())
    let named = DirectiveComment("name = \"other\", idempotent", at: at())
    let methods: [MethodDeclaration] = [.method("doIt"), .method("doThat", directives: [named])]
    let (model, _) = resolve([.service("A", methods, directives: [snake]), .service("B", methods)])
    #expect(model.services.map(\.wireName) == ["s", "B"])
    #expect(model.services.map { $0.methods.map(\.wireName) } == [["do_it", "other"], ["doIt", "other"]])
    #expect(model.services.map { $0.methods.map(\.isIdempotent) } == [[false, true], [false, true]])
  }

  @Test func prefersDirectivesToTheConfiguration() {
    let written = DirectiveComment("methodNames = asWritten", at: at())
    let services: [ProtocolDeclaration] = [
      .service("A", [.method("doIt")], directives: [written]), .service("B", [.method("doIt")]),
    ]
    let (model, _) = resolve(services, configuration: GeneratorConfiguration(methodNames: .snakeCase))
    #expect(model.services.flatMap { $0.methods.map(\.wireName) } == ["doIt", "do_it"])
  }

  @Test func refusesTwoMethodsOfOneWireName() {
    let base = ProtocolDeclaration.service("Base", [.method("run", position: at(2, 8, file: "A.swift"))])
    let child = ProtocolDeclaration.service(
      "Child", [.method("run", position: at(9, 8, file: "A.swift"))], inherits: ["Base"])
    #expect(
      resolve([base, child]).diagnostics == """
        A.swift:9:8: error: two methods of service 'Child' have the wire name 'run'
        A.swift:2:8: note: the other one is here
        A.swift:9:8: note: hint: rename one of them, or give it a name on the wire: `// zerorpc: name = "…"`
        """)
  }

  @Test func refusesRequirementsOfOtherProtocols() {
    let plain = ProtocolDeclaration(name: "Plain", methods: [.method("x")], requirementCount: 1, position: at())
    let empty = ProtocolDeclaration(name: "Empty", position: at())
    let service = ProtocolDeclaration.service(
      "Service", inherits: ["Plain", "Empty", "Elsewhere", "RPCService"], position: at(7, 20, file: "A.swift"))
    #expect(
      resolve([plain, empty, service]).diagnostics == """
        A.swift:7:20: error: service 'Service' inherits requirements from 'Plain', which is not a service
        A.swift:7:20: note: hint: let 'Plain' inherit from 'RPCService'
        """)
  }
}
