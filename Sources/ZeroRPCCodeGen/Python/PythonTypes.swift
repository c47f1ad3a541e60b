/// Writes the types of a contract as Python annotations, and converts their values to what travels and back.
struct PythonTypes {
  private static let scalars: [String: String] = [
    "Bool": "bool", "Data": "bytes", "Date": "datetime", "UUID": "UUID",
    "String": "str", "Character": "str", "Substring": "str", "URL": "str",
    "Int": "int", "Int8": "int", "Int16": "int", "Int32": "int", "Int64": "int",
    "UInt": "int", "UInt8": "int", "UInt16": "int", "UInt32": "int", "UInt64": "int",
    "Double": "float", "Float": "float", "Float16": "float", "CGFloat": "float", "TimeInterval": "float",
  ]

  let definitions: [String: ContractDefinition]
  /// The names of the generated classes.
  let classes: [String: String]
  /// Types of Python that some member hides by its name.
  let hidden: Set<String>

  init(contract: Contract, avoiding others: Set<String>) {
    definitions = contract.types
    let described = contract.exchangedTypes.filter { contract.types[$0]?.isClassInPython == true }
    classes = PythonNames.classes(for: Array(described), avoiding: others)
    let fields = described.flatMap { name -> [String] in
      guard case .structure(let fields)? = contract.types[name]?.form else { return [] }
      return fields.map(\.name)
    }
    let arguments = contract.methods.values.flatMap { $0.arguments.map(\.name) }
    hidden = PythonNames.builtins.intersection(fields + arguments + contract.methods.keys)
  }

  /// The annotation of a type.
  func annotation(_ type: ContractType) -> String {
    switch resolved(type) {
    case .optional(let inner):
      let text = annotation(inner)
      return text == "Any" || text.hasSuffix("| None") ? text : "\(text) | None"
    case .array(let element): return "\(builtin("list"))[\(annotation(element))]"
    case .dictionary(.named("String", _), let value):
      return "\(builtin("dict"))[\(builtin("str")), \(annotation(value))]"
    // Keys of another type: keys and values in turn.
    case .dictionary: return "\(builtin("list"))[Any]"
    case .named("Set", let arguments) where arguments.count == 1:
      return "\(builtin(isHashable(arguments[0]) ? "set" : "list"))[\(annotation(arguments[0]))]"
    case .named(let name, _):
      if let known = classes[name] { return known }
      return definitions[name] == nil ? Self.scalars[name].map(builtin) ?? "Any" : "Any"
    case .unknown: return "Any"
    }
  }

  /// A type of Python where a member may have the same name.
  func builtin(_ name: String) -> String { hidden.contains(name) ? "builtins.\(name)" : name }

  /// The expression of what travels for a value; the same expression where that is the value itself.
  func encoded(_ type: ContractType, _ value: String, depth: Int = 0) -> String {
    converted(type, value, depth: depth) { name, value in
      switch name {
      case "Date": "_encode_date(\(value))"
      case "UUID": "_encode_uuid(\(value))"
      default:
        switch definitions[name]?.form {
        case .structure where classes[name] != nil: "\(value)._encode()"
        case .enumeration: "\(value).value"
        default: value
        }
      }
    } set: { item, items in
      "[\(item) for \(items)]"
    }
  }

  /// The expression of the value that something travelled for.
  func decoded(_ type: ContractType, _ value: String, depth: Int = 0) -> String {
    converted(type, value, depth: depth) { name, value in
      switch name {
      case "Date": "_decode_date(\(value))"
      case "UUID": "UUID(\(value))"
      default:
        switch (definitions[name]?.form, classes[name]) {
        case (.structure, let name?): "\(name)._decode(\(value))"
        case (.enumeration, let name?): "\(name)(\(value))"
        default: value
        }
      }
    } set: { item, items in
      "{\(item) for \(items)}"
    }
  }

  private func converted(
    _ type: ContractType, _ value: String, depth: Int, named: (String, String) -> String,
    set: (String, String) -> String
  ) -> String {
    let item = "_item\(depth == 0 ? "" : "\(depth)")"
    func inner(_ type: ContractType, _ value: String) -> String {
      converted(type, value, depth: depth + 1, named: named, set: set)
    }
    switch resolved(type) {
    case .optional(let wrapped):
      let text = converted(wrapped, value, depth: depth, named: named, set: set)
      return text == value ? value : "None if \(value) is None else \(text)"
    case .array(let element):
      let text = inner(element, item)
      return text == item ? value : "[\(text) for \(item) in \(value)]"
    case .dictionary(.named("String", _), let element):
      let text = inner(element, item)
      let key = "_key\(depth == 0 ? "" : "\(depth)")"
      return text == item ? value : "{\(key): \(text) for \(key), \(item) in \(value).items()}"
    case .named("Set", let arguments) where arguments.count == 1:
      let text = inner(arguments[0], item)
      if isHashable(arguments[0]) { return set(text, "\(item) in \(value)") }
      return text == item ? value : "[\(text) for \(item) in \(value)]"
    case .named(let name, _): return named(definitions[name] == nil || classes[name] != nil ? name : "", value)
    case .dictionary, .unknown: return value
    }
  }

  /// Whether the values may be elements of a set in Python.
  private func isHashable(_ type: ContractType) -> Bool {
    guard case .named(let name, _) = resolved(type) else { return false }
    if case .enumeration = definitions[name]?.form { return true }
    return definitions[name] == nil && Self.scalars[name] != nil
  }

  private func resolved(_ type: ContractType) -> ContractType {
    var (type, steps) = (type, 0)
    while case .named(let name, _) = type, case .alias(let target)? = definitions[name]?.form,
      steps <= definitions.count
    {
      guard definitions[name]?.parameters.isEmpty == true else { return .unknown(name) }
      type = target
      steps += 1
    }
    return type
  }
}

extension Contract {
  /// The types of arguments and results, and those inside them. Python gets no more of an error than its texts.
  fileprivate var exchangedTypes: Set<String> {
    var waiting = methods.values.flatMap { $0.arguments.map(\.type) + ($0.result.map { [$0] } ?? []) }
    var found: Set<String> = []
    while let type = waiting.popLast() {
      for name in type.names where found.insert(name).inserted { waiting += types[name]?.types ?? [] }
    }
    return found
  }
}

extension ContractDefinition {
  /// Whether a class is generated for the type. What travels for other types is handed over as it is.
  fileprivate var isClassInPython: Bool {
    guard parameters.isEmpty else { return false }
    switch form {
    case .structure, .enumeration: return true
    case .choice, .alias, .opaque: return false
    }
  }
}
