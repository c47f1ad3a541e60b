/// Turns what the parser found in all files of a target into the services to generate, and says what is wrong with them.
public struct TargetResolver: Sendable {
  private let files: [SourceFileModel]
  let configuration: GeneratorConfiguration
  private let protocols: [String: ProtocolDeclaration]

  /// Creates a resolver for the files of one target.
  public init(files: [SourceFileModel], configuration: GeneratorConfiguration = GeneratorConfiguration()) {
    self.files = files.sorted { $0.path < $1.path }
    self.configuration = configuration
    let named = files.flatMap(\.protocols).map { ($0.qualifiedName, $0) }
    // Two protocols of one name: the compiler says so.
    protocols = Dictionary(named, uniquingKeysWith: { first, _ in first })
  }

  /// Resolves the services.
  ///
  /// - Returns: The model to render, and what is wrong, by place. With an error among the diagnostics the model is of no use.
  public func resolve() -> (model: TargetModel, diagnostics: [Diagnostic]) {
    var model = TargetModel()
    var diagnostics = files.flatMap(\.diagnostics)
    var serviceFiles: [(file: SourceFileModel, services: [ProtocolDeclaration])] = []
    for file in files {
      let services = file.protocols.filter { isService($0) }
      for declaration in services {
        model.services.append(service(declaration, diagnostics: &diagnostics))
      }
      if !services.isEmpty { serviceFiles.append((file, services)) }
      let others = file.protocols.filter { !isService($0) }
      diagnostics += others.flatMap(\.orphanedDirectives)
    }
    diagnostics += unknownServices(among: model.services)
    let access = model.services.map(\.access).max() ?? .internal
    model.imports = ImportMerger(files: files, serviceFiles: serviceFiles).imports(access: access)
    return (model, diagnostics.sortedByPosition())
  }

  /// Whether the protocol inherits from `RPCService`, directly or through protocols of the target.
  private func isService(_ declaration: ProtocolDeclaration) -> Bool {
    closure(of: declaration).contains { $0.inherited.contains(where: \.isMarker) }
  }

  /// The protocols of the target that the protocol inherits from, nearest last, and itself as the last one.
  private func closure(of declaration: ProtocolDeclaration) -> [ProtocolDeclaration] {
    var visited: Set<String> = []
    func visit(_ declaration: ProtocolDeclaration) -> [ProtocolDeclaration] {
      guard visited.insert(declaration.qualifiedName).inserted else { return [] }
      return declaration.inherited.flatMap { lookUp($0, from: declaration).map(visit) ?? [] } + [declaration]
    }
    return visit(declaration)
  }

  /// Finds an inherited protocol in the target, from the innermost scope outwards as the compiler does.
  private func lookUp(_ inherited: InheritedType, from declaration: ProtocolDeclaration) -> ProtocolDeclaration? {
    var scope = declaration.enclosingTypes[...]
    while true {
      if let found = protocols[(scope + [inherited.name]).joined(separator: ".")] { return found }
      if scope.isEmpty { return nil }
      scope.removeLast()
    }
  }

  private func service(_ declaration: ProtocolDeclaration, diagnostics: inout [Diagnostic]) -> ServiceModel {
    var methods: [MethodModel] = []
    var inherited: [Set<SourcePosition>] = []
    for ancestor in closure(of: declaration) {
      let isOwn = ancestor.qualifiedName == declaration.qualifiedName
      // An ancestor that is a service reports its own mistakes.
      var problems: [Diagnostic] = []
      methods += self.methods(of: ancestor, diagnostics: &problems)
      if isOwn { diagnostics += problems + declaration.diagnostics }
      if isOwn { continue }
      diagnostics += inheritanceProblems(of: declaration, from: ancestor)
      inherited.append(Set(closure(of: ancestor).flatMap { $0.methods.map(\.method.position) }))
    }
    var ignored: [Diagnostic] = []
    let directives = ServiceDirectives(declaration.directives, diagnostics: &ignored)
    diagnostics += ServiceValidator(service: declaration, inherited: inherited).diagnostics(for: methods)
    let patterns = patterns(of: declaration, directives, methods, diagnostics: &diagnostics)
    return ServiceModel(
      name: declaration.name, enclosingTypes: declaration.enclosingTypes, access: declaration.access ?? .internal,
      wireName: directives.service?.text, documentation: declaration.documentation, attributes: declaration.attributes,
      patterns: patterns, methods: methods, position: declaration.position)
  }

  /// The protocol's own methods under their names on the wire.
  private func methods(of declaration: ProtocolDeclaration, diagnostics: inout [Diagnostic]) -> [MethodModel] {
    let service = ServiceDirectives(declaration.directives, diagnostics: &diagnostics)
    let naming = service.methodNames ?? configuration.methodNames
    return declaration.methods.map { requirement in
      let directives = MethodDirectives(requirement.directives, diagnostics: &diagnostics)
      var method = requirement.method
      method.wireName = directives.name?.text ?? naming.wireName(for: method.name)
      method.isIdempotent = directives.isIdempotent
      let errors = directives.errors.map(\.text)
      method.errors = errors + service.errors.map(\.text).filter { !errors.contains($0) }
      if let name = directives.name, name.text.hasPrefix(ServiceValidator.reservedPrefix) {
        diagnostics.append(ServiceValidator.reservedName(name.text, at: name.position))
      }
      return method
    }
  }

  private func inheritanceProblems(
    of declaration: ProtocolDeclaration, from ancestor: ProtocolDeclaration
  ) -> [Diagnostic] {
    let position = declaration.inherited.first { lookUp($0, from: declaration) == ancestor }?.position
    guard let position else { return [] }  // Inherited through another one, which reports it.
    if !isService(ancestor) && ancestor.requirementCount > 0 {
      return [
        Diagnostic(
          "service '\(declaration.name)' inherits requirements from '\(ancestor.qualifiedName)', which is not a service",
          at: position, hint: "let '\(ancestor.qualifiedName)' inherit from 'RPCService'")
      ]
    }
    let isVisible = declaration.enclosingTypes.starts(with: ancestor.enclosingTypes)
    if isVisible || ancestor.requirementCount == 0 { return [] }
    return [
      Diagnostic(
        "service '\(declaration.name)' inherits from '\(ancestor.qualifiedName)', whose types it may not see by their "
          + "short names", at: position, hint: "declare both services in the same type, or both at file level")
    ]
  }
}

extension InheritedType {
  /// Whether this is what makes a protocol a service.
  var isMarker: Bool { name == "RPCService" || name == "ZeroRPC.RPCService" }
}

extension ProtocolDeclaration {
  /// The directives above and in a protocol that is no service: they would do nothing.
  fileprivate var orphanedDirectives: [Diagnostic] {
    (directives + methods.flatMap(\.directives)).map { comment in
      Diagnostic(
        "directive has no effect: protocol '\(name)' is not a service", at: comment.position,
        hint: "let '\(name)' inherit from 'RPCService', or remove the directive")
    }
  }
}
