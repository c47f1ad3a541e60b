/// Describes a protocol of the target as the parser found it, before it is known whether it is a service.
///
/// What is wrong with its requirements is kept beside it and reported only for services: a protocol that is none may hold
/// whatever Swift allows.
public struct ProtocolDeclaration: Codable, Sendable, Equatable {
  /// The name without backticks.
  public var name: String
  /// The types around the protocol, outermost first.
  public var enclosingTypes: [String]
  /// The level, `nil` when it is below `internal`.
  public var access: AccessLevel?
  /// The inherited types as written, each with its place.
  public var inherited: [InheritedType]
  /// The text of the doc comment without its slashes.
  public var documentation: String?
  /// The attributes that generated declarations repeat.
  public var attributes: [String]
  /// The `// zerorpc:` comments directly above.
  public var directives: [DirectiveComment]
  /// The methods that passed the checks of the parser.
  public var methods: [MethodDeclaration]
  /// The names of the types that the requirements use.
  public var typeNames: Set<String>
  /// How many requirements the protocol has, the refused ones included.
  public var requirementCount: Int
  /// What is wrong if this is a service.
  public var diagnostics: [Diagnostic]
  /// Where the name stands.
  public var position: SourcePosition

  /// Creates the description of a protocol.
  public init(
    name: String, enclosingTypes: [String] = [], access: AccessLevel? = .internal, inherited: [InheritedType] = [],
    documentation: String? = nil, attributes: [String] = [], directives: [DirectiveComment] = [],
    methods: [MethodDeclaration] = [], typeNames: Set<String> = [], requirementCount: Int = 0,
    diagnostics: [Diagnostic] = [], position: SourcePosition
  ) {
    self.name = name
    self.enclosingTypes = enclosingTypes
    self.access = access
    self.inherited = inherited
    self.documentation = documentation
    self.attributes = attributes
    self.directives = directives
    self.methods = methods
    self.typeNames = typeNames
    self.requirementCount = requirementCount
    self.diagnostics = diagnostics
    self.position = position
  }

  /// The name with the types around it: `API.Users`.
  public var qualifiedName: String { (enclosingTypes + [name]).joined(separator: ".") }
}

/// Describes a type in the inheritance clause of a protocol.
public struct InheritedType: Codable, Sendable, Equatable {
  /// The type as written: `RPCService`, `API.Users`.
  public var name: String
  /// Where it stands.
  public var position: SourcePosition

  /// Creates the description of an inherited type.
  public init(name: String, position: SourcePosition) {
    self.name = name
    self.position = position
  }
}

/// Describes a requirement together with its directives, before they are applied.
public struct MethodDeclaration: Codable, Sendable, Equatable {
  /// The method under its Swift name.
  public var method: MethodModel
  /// The `// zerorpc:` comments directly above.
  public var directives: [DirectiveComment]

  /// Creates the description of a requirement.
  public init(method: MethodModel, directives: [DirectiveComment] = []) {
    self.method = method
    self.directives = directives
  }
}
