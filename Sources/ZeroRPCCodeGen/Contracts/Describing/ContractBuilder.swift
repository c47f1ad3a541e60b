/// Makes the contracts of a target's services.
public struct ContractBuilder: Sendable {
  private let table: TypeTable

  /// Creates a builder.
  ///
  /// - Parameter files: What the parser found in the files of the target, their types included.
  public init(files: [SourceFileModel]) {
    table = TypeTable(files.sorted { $0.path < $1.path }.flatMap(\.types))
  }

  /// Describes the contract of a service, and remembers where each part of it is declared.
  public func contract(of service: ServiceModel) -> DeclaredContract {
    let methods = service.methods.map { ($0.wireName, method($0, of: service)) }
    var contract = Contract(
      service: service.wireName, protocolName: service.contractName, documentation: service.documentation,
      // Two methods of one name on the wire: the validator says so.
      methods: Dictionary(methods, uniquingKeysWith: { first, _ in first }))
    contract.types = definitions(reachedFrom: contract.methods.values)
    var declared = DeclaredContract(contract: contract, position: service.position)
    for method in service.methods { declared.methods[method.wireName] = method.position }
    for name in contract.types.keys { declared.types[name] = table.position(of: name) }
    return declared
  }

  private func method(_ method: MethodModel, of service: ServiceModel) -> ContractMethod {
    func type(_ text: String) -> ContractType { table.type(text, in: service.enclosingTypes) }
    let (result, stream): (ContractType?, ContractMethod.Stream) =
      switch method.result {
      case .void: (nil, .none)
      case .value(let text): (type(text), .none)
      case .stream(let element): (type(element), .server)
      }
    let arguments = zip(method.parameters, Signature(method: method).parameters).map { parameter, named in
      // The name that introspection tells.
      ContractMethod.Argument(parameter.name ?? parameter.label ?? named.name, type(parameter.type))
    }
    return ContractMethod(
      method.fullName, documentation: method.documentation, arguments: arguments, result: result, stream: stream,
      isIdempotent: method.isIdempotent, errors: method.errors.map(type))
  }

  private func definitions(reachedFrom methods: some Sequence<ContractMethod>) -> [String: ContractDefinition] {
    var definitions: [String: ContractDefinition] = [:]
    var waiting = methods.flatMap { $0.arguments.map(\.type) + ($0.result.map { [$0] } ?? []) + $0.errors }
    while let type = waiting.popLast() {
      for name in type.names where definitions[name] == nil {
        guard let definition = table.definition(of: name) else { continue }
        definitions[name] = definition
        waiting += definition.types
      }
    }
    return definitions
  }
}

/// Holds the contract of a service together with the places of its declarations.
public struct DeclaredContract: Sendable {
  /// The contract.
  public var contract: Contract
  /// Where the protocol's name stands, or the contract's file begins.
  public var position: SourcePosition
  /// Where the methods' names stand, by names on the wire.
  public var methods: [String: SourcePosition]
  /// Where the types' names stand, by names.
  public var types: [String: SourcePosition]

  /// Creates the contract of a declaration.
  public init(
    contract: Contract, position: SourcePosition, methods: [String: SourcePosition] = [:],
    types: [String: SourcePosition] = [:]
  ) {
    self.contract = contract
    self.position = position
    self.methods = methods
    self.types = types
  }
}

extension ServiceModel {
  /// The protocol's name in contracts: with the types around it, without backticks.
  var contractName: String { (enclosingTypes + [name]).joined(separator: ".") }
}
