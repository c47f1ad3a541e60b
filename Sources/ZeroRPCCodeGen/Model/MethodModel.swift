/// Describes one remote method: a requirement of a service protocol that passed all checks.
public struct MethodModel: Codable, Sendable, Equatable {
  /// The base name in Swift, without backticks.
  public var name: String
  /// The name that travels.
  public var wireName: String
  /// The text of the doc comment without its slashes.
  public var documentation: String?
  /// The attributes that the client's method repeats, such as `@discardableResult`, as written.
  public var attributes: [String]
  /// The parameters in order.
  public var parameters: [ParameterModel]
  /// What the method answers.
  public var result: ResultModel
  /// Whether the method may be called again when an answer is lost.
  public var isIdempotent: Bool
  /// The error types that arrive as themselves, as written.
  public var errors: [String]
  /// Where the requirement stands.
  public var position: SourcePosition

  /// Creates the description of a method.
  public init(
    name: String, wireName: String? = nil, documentation: String? = nil, attributes: [String] = [],
    parameters: [ParameterModel] = [], result: ResultModel = .void, isIdempotent: Bool = false,
    errors: [String] = [], position: SourcePosition
  ) {
    self.name = name
    self.wireName = wireName ?? name
    self.documentation = documentation
    self.attributes = attributes
    self.parameters = parameters
    self.result = result
    self.isIdempotent = isIdempotent
    self.errors = errors
    self.position = position
  }

  /// The name with its labels: `divide(_:by:)`.
  var fullName: String { "\(name)(" + parameters.map { "\($0.label ?? "_"):" }.joined() + ")" }
}

/// Describes one parameter of a remote method.
public struct ParameterModel: Codable, Sendable, Equatable {
  /// The argument label without backticks, or `nil` when the caller writes none (`_`).
  public var label: String?
  /// The name inside the method without backticks; `nil` when the requirement names none (`_`).
  public var name: String?
  /// The type, in canonical spacing.
  public var type: String

  /// Creates the description of a parameter.
  public init(label: String?, name: String?, type: String) {
    self.label = label
    self.name = name
    self.type = type
  }
}

/// Says what a method answers.
public enum ResultModel: Codable, Sendable, Equatable {
  /// Nothing: nil travels.
  case void
  /// One value of the type.
  case value(type: String)
  /// A stream of values of the type.
  case stream(element: String)
}
