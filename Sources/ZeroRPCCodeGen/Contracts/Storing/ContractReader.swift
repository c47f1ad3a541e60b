/// Reads the text of a contract's file, and remembers where each method and type stands in it.
public struct ContractReader {
  private static let hint =
    "restore the file from version control, or record the contract again: `swift package zerorpc-check --update`"

  /// Reads a contract.
  ///
  /// - Parameters:
  ///   - text: The text of the file.
  ///   - path: The path that diagnostics name.
  /// - Throws: What is wrong with the text, and where.
  public static func read(_ text: String, path: String) throws(Diagnostic) -> DeclaredContract {
    let root: JSONReader.Value
    do {
      root = try JSONReader.read(text, path: path)
    } catch {
      throw Diagnostic("malformed JSON: \(error.message)", at: error.position, hint: hint)
    }
    let object = try Object(root)
    guard case .other(let version) = try object["contractVersion"].content, let number = Int(version) else {
      throw wrong("'contractVersion' is not a number", root)
    }
    guard number == Contract.version else {
      throw Diagnostic(
        "the contract is of version \(number), and this tool reads version \(Contract.version)", at: root.position,
        hint: number > Contract.version ? "update swift-zerorpc" : hint)
    }
    var contract = Contract(
      service: try object.text("service"), protocolName: try object.text("protocol"),
      documentation: try object.optionalText("documentation"))
    var declared = DeclaredContract(contract: contract, position: root.position)
    for member in try Object(try object["methods"]).members {
      contract.methods[member.key] = try method(member.value)
      declared.methods[member.key] = member.position
    }
    for member in try Object(try object["types"]).members {
      contract.types[member.key] = try definition(member.value)
      declared.types[member.key] = member.position
    }
    declared.contract = contract
    return declared
  }

  fileprivate static func wrong(_ problem: String, _ value: JSONReader.Value) -> Diagnostic {
    Diagnostic("this is no contract: \(problem)", at: value.position, hint: hint)
  }

  private static func method(_ value: JSONReader.Value) throws(Diagnostic) -> ContractMethod {
    let object = try Object(value)
    var method = ContractMethod(try object.text("swiftName"), documentation: try object.optionalText("documentation"))
    for argument in try list(try object["arguments"]) {
      let argument = try Object(argument)
      method.arguments.append(ContractMethod.Argument(try argument.text("name"), try type(try argument["type"])))
    }
    let result = try object["result"]
    if case .other("null") = result.content {} else { method.result = try type(result) }
    let stream = try object["stream"]
    guard case .string(let word) = stream.content, let direction = ContractMethod.Stream(rawValue: word) else {
      throw wrong(
        "'stream' must be \(ZeroRPCCodeGen.list(ContractMethod.Stream.allCases.map(\.rawValue), conjunction: "or"))",
        stream)
    }
    method.stream = direction
    guard case .other(let flag) = try object["idempotent"].content, flag == "true" || flag == "false" else {
      throw wrong("'idempotent' must be true or false", try object["idempotent"])
    }
    method.isIdempotent = flag == "true"
    for error in try list(try object["errors"]) { method.errors.append(try type(error)) }
    return method
  }

  private static func type(_ value: JSONReader.Value) throws(Diagnostic) -> ContractType {
    if case .string(let name) = value.content { return .named(name) }
    let object = try Object(value)
    guard let first = object.members.first else { throw wrong("a type is empty", value) }
    switch first.key {
    case "optional": return .optional(try type(first.value))
    case "array": return .array(try type(first.value))
    case "unknown": return .unknown(try object.text("unknown"))
    case "dictionary":
      let parts = try Object(first.value)
      return .dictionary(key: try type(try parts["key"]), value: try type(try parts["value"]))
    default:
      var arguments: [ContractType] = []
      for argument in try list(try object["arguments"]) { arguments.append(try type(argument)) }
      return .named(try object.text("name"), arguments: arguments)
    }
  }

  private static func definition(_ value: JSONReader.Value) throws(Diagnostic) -> ContractDefinition {
    let object = try Object(value)
    let word = try object.text("kind")
    guard let kind = ContractDefinition.Kind(rawValue: word) else {
      throw wrong("unknown kind of type '\(word)'", value)
    }
    var definition = ContractDefinition(.opaque, documentation: try object.optionalText("documentation"))
    if let parameters = object.find("parameters") {
      for parameter in try list(parameters) {
        guard case .string(let name) = parameter.content else { throw wrong("expected a name", parameter) }
        definition.parameters.append(name)
      }
    }
    switch kind {
    case .structure: definition.form = .structure(try fields(try object["fields"]))
    case .enumeration:
      var values: [ContractDefinition.Value] = []
      for item in try list(try object["cases"]) {
        let item = try Object(item)
        values.append(ContractDefinition.Value(try item.text("name"), try item.text("value")))
      }
      definition.form = .enumeration(raw: try type(try object["raw"]), values)
    case .choice:
      var choices: [ContractDefinition.Choice] = []
      for item in try list(try object["cases"]) {
        let item = try Object(item)
        choices.append(ContractDefinition.Choice(try item.text("name"), try fields(try item["fields"])))
      }
      definition.form = .choice(choices)
    case .alias: definition.form = .alias(try type(try object["type"]))
    case .opaque: break
    }
    return definition
  }

  private static func fields(_ value: JSONReader.Value) throws(Diagnostic) -> [ContractDefinition.Field] {
    var fields: [ContractDefinition.Field] = []
    for item in try list(value) {
      let item = try Object(item)
      fields.append(ContractDefinition.Field(try item.text("name"), try type(try item["type"])))
    }
    return fields
  }

  private static func list(_ value: JSONReader.Value) throws(Diagnostic) -> [JSONReader.Value] {
    guard case .array(let elements) = value.content else { throw wrong("expected a list", value) }
    return elements
  }
}

/// Picks the members of a JSON object. What it does not ask for is left for versions to come.
private struct Object {
  let value: JSONReader.Value
  let members: [JSONReader.Member]

  init(_ value: JSONReader.Value) throws(Diagnostic) {
    guard case .object(let members) = value.content else { throw ContractReader.wrong("expected an object", value) }
    self.value = value
    self.members = members
  }

  func find(_ key: String) -> JSONReader.Value? { members.first { $0.key == key }?.value }

  subscript(key: String) -> JSONReader.Value {
    get throws(Diagnostic) {
      guard let found = find(key) else { throw ContractReader.wrong("'\(key)' is missing", value) }
      return found
    }
  }

  func text(_ key: String) throws(Diagnostic) -> String {
    let found = try self[key]
    guard case .string(let text) = found.content else { throw ContractReader.wrong("'\(key)' is not a text", found) }
    return text
  }

  func optionalText(_ key: String) throws(Diagnostic) -> String? { find(key) == nil ? nil : try text(key) }
}
