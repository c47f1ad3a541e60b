/// Finds the types of a target by name, and describes how their values travel.
struct TypeTable {
  /// Modules whose types are meant when their name stands before a type.
  private static let modules: Set<String> = ["Swift", "Foundation", "FoundationEssentials", "ZeroRPC", "MessagePack"]
  private static let rawTypes: Set<String> = [
    "String", "Character", "Int", "Int8", "Int16", "Int32", "Int64", "UInt", "UInt8", "UInt16", "UInt32", "UInt64",
    "Double", "Float",
  ]

  private let declarations: [String: TypeDeclaration]

  init(_ types: [TypeDeclaration]) {
    // Two types of one name: the compiler says so.
    let named = types.filter { $0.kind != .extension }.map { ($0.name, $0) }
    var declarations = Dictionary(named, uniquingKeysWith: { first, _ in first })
    for addition in types where addition.kind == .extension {
      guard let name = Self.extended(by: addition, among: declarations) else { continue }
      declarations[name]?.add(addition)
    }
    self.declarations = declarations
  }

  /// The place of a declaration.
  func position(of name: String) -> SourcePosition? { declarations[name]?.position }

  /// An extension may name its type with the module in front.
  private static func extended(by addition: TypeDeclaration, among known: [String: TypeDeclaration]) -> String? {
    if known[addition.name] != nil { return addition.name }
    let shorter = addition.name.split(separator: ".").dropFirst().joined(separator: ".")
    return known[shorter] != nil ? shorter : nil
  }

  /// A type that is written inside other types, with every name of the target in full.
  ///
  /// - Parameters:
  ///   - text: The type as written.
  ///   - scope: The types around the place, outermost first.
  ///   - parameters: Generic parameters, which name no declared type.
  func type(_ text: String, in scope: [String], parameters: [String] = []) -> ContractType {
    TypeTextParser.type(text).mapNames { name in
      if parameters.contains(name) { return .named(name) }
      return .named(qualified(name, in: scope))
    }
  }

  /// Looks a name up from the innermost scope outwards, as the compiler does.
  private func qualified(_ name: String, in scope: [String]) -> String {
    var scope = scope[...]
    while true {
      let candidate = (scope + [name]).joined(separator: ".")
      if declarations[candidate] != nil { return candidate }
      if scope.isEmpty { break }
      scope.removeLast()
    }
    let parts = name.split(separator: ".", maxSplits: 1)
    return parts.count == 2 && Self.modules.contains(String(parts[0])) ? String(parts[1]) : name
  }

  /// How the values of a type of the target travel; `nil` for other types.
  func definition(of name: String) -> ContractDefinition? {
    guard let declaration = declarations[name] else { return nil }
    return ContractDefinition(
      form(of: declaration), documentation: declaration.documentation, parameters: declaration.parameters)
  }

  private func form(of declaration: TypeDeclaration) -> ContractDefinition.Form {
    let scope = declaration.name.split(separator: ".").map(String.init)
    func field(_ name: String, _ field: TypeDeclaration.Field) -> ContractDefinition.Field {
      let type = field.type.map { self.type($0, in: scope, parameters: declaration.parameters) }
      return ContractDefinition.Field(name, type ?? .unknown("?"))
    }
    if let target = declaration.target {
      return .alias(type(target, in: Array(scope.dropLast()), parameters: declaration.parameters))
    }
    if declaration.codesItself { return .opaque }
    switch declaration.kind {
    case .alias, .extension: return .opaque
    case .structure: return structure(declaration, field: field)
    case .enumeration: return enumeration(declaration, field: field)
    }
  }

  private func structure(
    _ declaration: TypeDeclaration, field: (String, TypeDeclaration.Field) -> ContractDefinition.Field
  ) -> ContractDefinition.Form {
    let inherited = declaration.inherited
    if inherited.contains("RawRepresentable") || inherited.contains("OptionSet") {
      let raw = declaration.fields.first { $0.name == "rawValue" }
      return raw.map { .alias(field("rawValue", $0).type) } ?? .opaque
    }
    // What a class inherits from another, its declaration does not show.
    if let base = inherited.first, declarations[base]?.kind == .structure { return .opaque }
    let keys = declaration.codingKeys
    let fields = declaration.fields.compactMap { stored -> ContractDefinition.Field? in
      guard let name = stored.name else { return nil }
      guard let keys else { return field(name, stored) }
      return keys.first { $0.name == name }.map { field($0.rawValue ?? name, stored) }
    }
    return .structure(fields)
  }

  private func enumeration(
    _ declaration: TypeDeclaration, field: (String, TypeDeclaration.Field) -> ContractDefinition.Field
  ) -> ContractDefinition.Form {
    if let raw = declaration.inherited.first.map({ $0.hasPrefix("Swift.") ? String($0.dropFirst(6)) : $0 }),
      Self.rawTypes.contains(raw)
    {
      return .enumeration(raw: .named(raw), values(of: declaration, isText: ["String", "Character"].contains(raw)))
    }
    // The keys of cases, and a raw value without a raw type, are a coding of the type's own.
    let inherited = declaration.inherited
    if declaration.codingKeys != nil || inherited.contains("RawRepresentable") { return .opaque }
    return .choice(
      declaration.cases.map { choice in
        let fields = choice.fields.enumerated().map { index, value in field(value.name ?? "_\(index)", value) }
        return ContractDefinition.Choice(choice.name, fields)
      })
  }

  /// The raw values, those that the compiler counts included.
  private func values(of declaration: TypeDeclaration, isText: Bool) -> [ContractDefinition.Value] {
    var next = 0
    return declaration.cases.map { item in
      if let written = item.rawValue {
        if let number = Int(written) { next = number &+ 1 }
        return ContractDefinition.Value(item.name, written)
      }
      defer { next &+= 1 }
      return ContractDefinition.Value(item.name, isText ? item.name : "\(next)")
    }
  }
}

extension TypeDeclaration {
  /// Adds what an extension says.
  fileprivate mutating func add(_ addition: TypeDeclaration) {
    inherited += addition.inherited
    codesItself = codesItself || addition.codesItself
    codingKeys = codingKeys ?? addition.codingKeys
  }
}
