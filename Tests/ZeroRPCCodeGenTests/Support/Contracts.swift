import ZeroRPCCodeGen

extension DeclaredContract {
  /// A contract of a service `S`, whose methods and types stand on lines of their own.
  static func service(
    _ methods: [String: ContractMethod], types: [String: ContractDefinition] = [:], name: String = "S",
    wireName: String? = nil, documentation: String? = nil, file: String = "S.swift"
  ) -> DeclaredContract {
    var declared = DeclaredContract(
      contract: Contract(
        service: wireName ?? name, protocolName: name, documentation: documentation, methods: methods, types: types),
      position: at(1, 10, file: file))
    for (index, name) in methods.keys.sorted().enumerated() { declared.methods[name] = at(index + 2, 8, file: file) }
    for (index, name) in types.keys.sorted().enumerated() { declared.types[name] = at(index + 20, 8, file: file) }
    return declared
  }

  /// A contract with one method `f`.
  static func method(
    _ arguments: [(String, ContractType)] = [], _ result: ContractType? = nil,
    stream: ContractMethod.Stream = .none, isIdempotent: Bool = false, errors: [ContractType] = [],
    swiftName: String = "f", types: [String: ContractDefinition] = [:], file: String = "S.swift"
  ) -> DeclaredContract {
    let method = ContractMethod(
      swiftName, arguments: arguments.map { ContractMethod.Argument($0.0, $0.1) }, result: result, stream: stream,
      isIdempotent: isIdempotent, errors: errors)
    return .service(["f": method], types: types, file: file)
  }

  /// What has changed since another contract.
  func changes(since recorded: DeclaredContract) -> [ContractChange] {
    ContractComparison(recorded: [recorded], current: [self]).changes()
  }

  /// The kinds of what has changed since another contract.
  func kinds(since recorded: DeclaredContract) -> [ContractChange.Kind] { changes(since: recorded).map(\.kind) }
}

extension ContractType {
  static let int = ContractType.named("Int")
  static let string = ContractType.named("String")
  static let item = ContractType.named("Item")
}

extension ContractDefinition {
  /// A struct.
  static func fields(_ fields: (String, ContractType)...) -> ContractDefinition {
    ContractDefinition(.structure(fields.map { Field($0.0, $0.1) }))
  }

  /// An enum of texts.
  static func texts(_ names: String...) -> ContractDefinition {
    ContractDefinition(.enumeration(raw: .string, names.map { Value($0, $0) }))
  }

  /// An enum without associated values.
  static func choice(_ choices: Choice...) -> ContractDefinition { ContractDefinition(.choice(choices)) }
}
