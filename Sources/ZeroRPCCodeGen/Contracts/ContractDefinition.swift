/// Describes how the values of a type travel.
public struct ContractDefinition: Sendable, Equatable {
  /// What travels for a value.
  public enum Form: Sendable, Equatable {
    /// A map with a key for each field; a field that is nil has no key.
    case structure([Field])
    /// One of several values of a type: the raw value of an enum.
    case enumeration(raw: ContractType, [Value])
    /// A map with one key, the name of the case, to a map of its fields.
    case choice([Choice])
    /// What travels for another type.
    case alias(ContractType)
    /// What the type itself decides: it has a coding of its own.
    case opaque
  }

  /// A field of a structure or of a choice.
  public struct Field: Sendable, Equatable {
    /// The key on the wire.
    public var name: String
    /// The type.
    public var type: ContractType

    /// Creates the description of a field.
    public init(_ name: String, _ type: ContractType) {
      self.name = name
      self.type = type
    }
  }

  /// A case of an enumeration.
  public struct Value: Sendable, Equatable {
    /// The name in Swift.
    public var name: String
    /// What travels, as text.
    public var value: String

    /// Creates the description of a case.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A case of a choice.
  public struct Choice: Sendable, Equatable {
    /// The name in Swift and on the wire.
    public var name: String
    /// The associated values; those without label are named `_0`, `_1` and so on.
    public var fields: [Field]

    /// Creates the description of a case.
    public init(_ name: String, _ fields: [Field] = []) {
      self.name = name
      self.fields = fields
    }
  }

  /// The text of the doc comment.
  public var documentation: String?
  /// The names of the generic parameters.
  public var parameters: [String]
  /// What travels.
  public var form: Form

  /// Creates a definition.
  public init(_ form: Form, documentation: String? = nil, parameters: [String] = []) {
    self.form = form
    self.documentation = documentation
    self.parameters = parameters
  }

  /// The types that the definition uses.
  var types: [ContractType] {
    switch form {
    case .structure(let fields): fields.map(\.type)
    case .enumeration(let raw, _): [raw]
    case .choice(let choices): choices.flatMap { $0.fields.map(\.type) }
    case .alias(let type): [type]
    case .opaque: []
    }
  }

  /// The definition with every type replaced.
  func mapTypes(_ transform: (ContractType) -> ContractType) -> ContractDefinition {
    func mapped(_ fields: [Field]) -> [Field] { fields.map { Field($0.name, transform($0.type)) } }
    var copy = self
    switch form {
    case .structure(let fields): copy.form = .structure(mapped(fields))
    case .enumeration, .opaque: break
    case .choice(let choices): copy.form = .choice(choices.map { Choice($0.name, mapped($0.fields)) })
    case .alias(let type): copy.form = .alias(transform(type))
    }
    return copy
  }
}
