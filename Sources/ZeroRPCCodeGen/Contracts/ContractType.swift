/// Describes a type as a contract does: by structure where Swift has syntax for it, by name otherwise.
public indirect enum ContractType: Sendable, Hashable {
  /// A type by its name, with its generic arguments: `Int`, `Sample.Part`, `Range<Int>`.
  case named(String, arguments: [ContractType] = [])
  /// A value or nothing.
  case optional(ContractType)
  /// A list.
  case array(ContractType)
  /// A map.
  case dictionary(key: ContractType, value: ContractType)
  /// What the declaration does not show, as source text.
  case unknown(String)
}

extension ContractType: CustomStringConvertible {
  /// The type as Swift writes it.
  public var description: String {
    switch self {
    case .named(let name, let arguments):
      arguments.isEmpty ? name : "\(name)<\(arguments.map(\.description).joined(separator: ", "))>"
    case .optional(let wrapped): "\(wrapped)?"
    case .array(let element): "[\(element)]"
    case .dictionary(let key, let value): "[\(key): \(value)]"
    case .unknown(let text): text
    }
  }
}

extension ContractType {
  /// The names that the type mentions, those of its arguments included.
  var names: Set<String> {
    switch self {
    case .named(let name, let arguments): arguments.reduce(into: [name]) { $0.formUnion($1.names) }
    case .optional(let type), .array(let type): type.names
    case .dictionary(let key, let value): key.names.union(value.names)
    case .unknown: []
    }
  }

  /// The type with every name replaced.
  func mapNames(_ transform: (String) -> ContractType) -> ContractType {
    switch self {
    case .named(let name, let arguments):
      guard case .named(let new, let own) = transform(name) else { return transform(name) }
      return .named(new, arguments: arguments.isEmpty ? own : arguments.map { $0.mapNames(transform) })
    case .optional(let type): return .optional(type.mapNames(transform))
    case .array(let type): return .array(type.mapNames(transform))
    case .dictionary(let key, let value):
      return .dictionary(key: key.mapNames(transform), value: value.mapNames(transform))
    case .unknown: return self
    }
  }
}
