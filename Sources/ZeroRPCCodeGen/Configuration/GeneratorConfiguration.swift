/// Holds what `zerorpc-config.json` in a target's directory says.
public struct GeneratorConfiguration: Codable, Sendable, Equatable {
  /// Names a service, and tells where.
  public struct ServiceReference: Codable, Sendable, Equatable {
    /// The protocol's name, with the types around it: `API.Users`.
    public var name: String
    /// Where the name stands.
    public var position: SourcePosition

    /// Creates a reference.
    public init(_ name: String, at position: SourcePosition) {
      self.name = name
      self.position = position
    }
  }

  /// The file that is looked for in the target's directory.
  public static let fileName = "zerorpc-config.json"

  /// How method names travel, unless a directive says otherwise. As written by default.
  public var methodNames: MethodNaming
  /// The services to generate pushers for, beside those that ask for one by a directive.
  public var pushers: [ServiceReference]
  /// The services to generate publishers for, beside those that ask for one by a directive.
  public var publishers: [ServiceReference]
  /// The services to generate mocks for, beside those that ask for one by a directive.
  public var mocks: [ServiceReference]

  /// Creates a configuration.
  public init(
    methodNames: MethodNaming = .asWritten, pushers: [ServiceReference] = [], publishers: [ServiceReference] = [],
    mocks: [ServiceReference] = []
  ) {
    self.methodNames = methodNames
    self.pushers = pushers
    self.publishers = publishers
    self.mocks = mocks
  }

  /// The services to generate a kind of type for.
  subscript(pattern: MessagePattern) -> [ServiceReference] {
    get {
      switch pattern {
      case .pusher: pushers
      case .publisher: publishers
      case .mock: mocks
      }
    }
    set {
      switch pattern {
      case .pusher: pushers = newValue
      case .publisher: publishers = newValue
      case .mock: mocks = newValue
      }
    }
  }
}
