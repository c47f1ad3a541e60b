extension TargetResolver {
  /// The kinds of types that a service gets: those that its directives or the configuration ask for.
  func patterns(
    of declaration: ProtocolDeclaration, _ directives: ServiceDirectives, _ methods: [MethodModel],
    diagnostics: inout [Diagnostic]
  ) -> [MessagePattern] {
    MessagePattern.allCases.filter { pattern in
      let configured = configuration[pattern].filter { $0.name == declaration.qualifiedName }.map(\.position)
      let places = (directives.patterns[pattern].map { [$0] } ?? []) + configured
      guard !places.isEmpty else { return false }
      let problems = ServiceValidator.problems(of: pattern, for: declaration, methods, askedForAt: places)
      diagnostics += problems
      return problems.isEmpty
    }
  }

  /// The services that the configuration names and the target does not have.
  func unknownServices(among services: [ServiceModel]) -> [Diagnostic] {
    let names = services.map { ($0.enclosingTypes + [$0.name]).joined(separator: ".") }
    return MessagePattern.allCases.flatMap { pattern in
      configuration[pattern].filter { !names.contains($0.name) }.map { reference in
        let guess = suggestion(for: reference.name, among: names).map { "did you mean '\($0)'? " } ?? ""
        let known = names.isEmpty ? "it has none" : "it has \(list(names))"
        return Diagnostic(
          "the target has no service '\(reference.name)'", at: reference.position, hint: guess + known)
      }
    }
  }
}

extension ServiceValidator {
  /// What keeps a service from having a sender or a mock.
  static func problems(
    of pattern: MessagePattern, for service: ProtocolDeclaration, _ methods: [MethodModel],
    askedForAt places: [SourcePosition]
  ) -> [Diagnostic] {
    if pattern == .mock {
      return problems(of: pattern, for: service, in: methods, names: ["on"])
    }
    let sent = methods.filter { $0.result == .void }
    if sent.isEmpty {
      return places.map { place in
        Diagnostic(
          "service '\(service.name)' has no method that returns nothing, so there is nothing for a \(pattern.rawValue)",
          at: place, hint: "add a method without a result, or do not ask for a \(pattern.rawValue)")
      }
    }
    return problems(of: pattern, for: service, in: sent, names: [pattern.rawValue, "options"])
  }

  private static func problems(
    of pattern: MessagePattern, for service: ProtocolDeclaration, in methods: [MethodModel], names: [String]
  ) -> [Diagnostic] {
    methods.filter { names.contains($0.name) }.map { method in
      Diagnostic(
        "the name '\(method.name)' is reserved: '\(service.name)\(pattern.suffix)' has a property of that name",
        at: method.position,
        hint: "rename the method; `// zerorpc: name = \"\(method.wireName)\"` above it keeps the name on the wire")
    }
  }
}
