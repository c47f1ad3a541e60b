/// Describes a type of the target as far as its declaration shows how its values travel.
public struct TypeDeclaration: Codable, Sendable, Equatable {
  /// The kinds of declarations.
  public enum Kind: String, Codable, Sendable {
    /// A struct, or a class: the compiler derives the same coding for both.
    case structure
    /// An enum.
    case enumeration
    /// A type alias.
    case alias
    /// An extension; what it says is added to the type that it extends.
    case `extension`
  }

  /// A stored property, or a value of an enum's case.
  public struct Field: Codable, Sendable, Equatable {
    /// The name in Swift; `nil` for a value without label.
    public var name: String?
    /// The type as written; `nil` when the declaration leaves it to the compiler.
    public var type: String?

    /// Creates the description of a field.
    public init(_ name: String?, type: String?) {
      self.name = name
      self.type = type
    }
  }

  /// A case of an enum.
  public struct Case: Codable, Sendable, Equatable {
    /// The name.
    public var name: String
    /// The raw value as text; `nil` when none is written.
    public var rawValue: String?
    /// The associated values.
    public var fields: [Field]

    /// Creates the description of a case.
    public init(_ name: String, rawValue: String? = nil, fields: [Field] = []) {
      self.name = name
      self.rawValue = rawValue
      self.fields = fields
    }
  }

  /// The name with the types around it: `API.Item`.
  public var name: String
  /// What is declared.
  public var kind: Kind
  /// The names of the generic parameters.
  public var parameters: [String]
  /// The inherited types as written.
  public var inherited: [String]
  /// The text of the doc comment without its slashes.
  public var documentation: String?
  /// The stored properties that are coded, in the order of the source.
  public var fields: [Field]
  /// The cases in the order of the source.
  public var cases: [Case]
  /// What an alias stands for.
  public var target: String?
  /// The cases of `CodingKeys`, with the keys as raw values; `nil` when the type declares none.
  public var codingKeys: [Case]?
  /// Whether the type says by itself how it is coded, or the declaration does not show it.
  public var codesItself: Bool
  /// Where the name stands.
  public var position: SourcePosition

  /// Creates the description of a type.
  public init(
    name: String, kind: Kind, parameters: [String] = [], inherited: [String] = [], documentation: String? = nil,
    fields: [Field] = [], cases: [Case] = [], target: String? = nil, codingKeys: [Case]? = nil,
    codesItself: Bool = false, position: SourcePosition
  ) {
    self.name = name
    self.kind = kind
    self.parameters = parameters
    self.inherited = inherited
    self.documentation = documentation
    self.fields = fields
    self.cases = cases
    self.target = target
    self.codingKeys = codingKeys
    self.codesItself = codesItself
    self.position = position
  }
}
