/// Describes one service: a protocol that inherits from `RPCService`, with the requirements of the services that it
/// inherits from.
public struct ServiceModel: Codable, Sendable, Equatable {
  /// The protocol's name without backticks.
  public var name: String
  /// The types around the protocol, outermost first.
  public var enclosingTypes: [String]
  /// The level of the client and of the definition.
  public var access: AccessLevel
  /// The service's name on the wire.
  public var wireName: String
  /// The text of the doc comment without its slashes.
  public var documentation: String?
  /// The attributes that the generated declarations repeat, such as `@available(macOS 16, *)`, as written.
  public var attributes: [String]
  /// The kinds of types to generate beside the client.
  public var patterns: [MessagePattern]
  /// The methods: inherited ones first, then in the order of the source.
  public var methods: [MethodModel]
  /// Where the protocol stands.
  public var position: SourcePosition

  /// Creates the description of a service.
  public init(
    name: String, enclosingTypes: [String] = [], access: AccessLevel = .internal, wireName: String? = nil,
    documentation: String? = nil, attributes: [String] = [], patterns: [MessagePattern] = [],
    methods: [MethodModel], position: SourcePosition
  ) {
    self.name = name
    self.enclosingTypes = enclosingTypes
    self.access = access
    self.wireName = wireName ?? name
    self.documentation = documentation
    self.attributes = attributes
    self.patterns = patterns
    self.methods = methods
    self.position = position
  }
}

/// Describes all services of a target: what one generated file is rendered from.
public struct TargetModel: Codable, Sendable, Equatable {
  /// The import declarations that the generated file needs.
  public var imports: [ImportModel]
  /// The services, by file name and then in the order of the source.
  public var services: [ServiceModel]

  /// Creates the description of a target.
  public init(imports: [ImportModel] = [], services: [ServiceModel] = []) {
    self.imports = imports
    self.services = services
  }
}
