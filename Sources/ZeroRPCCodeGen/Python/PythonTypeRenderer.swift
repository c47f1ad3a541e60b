/// Renders a type of a contract as a Python class.
struct PythonTypeRenderer {
  let definition: ContractDefinition
  let type: String
  let name: String
  let types: PythonTypes

  func render(into writer: inout PythonWriter) {
    switch definition.form {
    case .structure(let fields): render(fields, into: &writer)
    case .enumeration(let raw, let values): render(values, raw: raw, into: &writer)
    case .choice, .alias, .opaque: break
    }
  }

  private var documentation: String { definition.documentation ?? "A value of the type \(type)." }

  private func render(_ values: [ContractDefinition.Value], raw: ContractType, into writer: inout PythonWriter) {
    let isText = types.annotation(raw).hasSuffix("str")
    var names: Set<String> = []
    writer.write("class \(name)(Enum):")
    writer.indented { writer in
      writer.writeDocumentation(documentation)
      writer.write()
      for item in values {
        let name = PythonNames.identifier(item.name, avoiding: names.union(["mro", "name", "value"]))
        names.insert(name)
        writer.write("\(name) = \(isText ? PythonText.literal(item.value) : item.value)")
      }
      if values.isEmpty { writer.write("pass") }
    }
  }

  private func render(_ fields: [ContractDefinition.Field], into writer: inout PythonWriter) {
    var names: Set<String> = []
    let members = fields.map { field in
      let name = PythonNames.identifier(field.name, avoiding: names)
      names.insert(name)
      return (name: name, field: field)
    }
    writer.write("@dataclass(kw_only=True)")
    writer.write("class \(name):")
    writer.indented { writer in
      writer.writeDocumentation(documentation)
      writer.write()
      for (name, field) in members {
        let annotation = types.annotation(field.type)
        writer.write("\(name): \(annotation)\(isOptional(field) ? " = None" : "")")
      }
      if writer.isStub { return }
      if !members.isEmpty { writer.write() }
      writer.writeFunction("_encode", ["self"], result: "\(types.builtin("dict"))[\(types.builtin("str")), Any]") {
        encode(members, into: &$0)
      }
      writer.write()
      writer.write("@classmethod")
      writer.writeFunction("_decode", ["cls", "fields: Any"], result: name) { writer in
        if members.isEmpty { return writer.write("return cls()") }
        writer.write("return cls(")
        writer.indented { writer in
          for (name, field) in members {
            let key = PythonText.literal(field.name)
            let value = isOptional(field) ? "fields.get(\(key))" : "fields[\(key)]"
            writer.write("\(name)=\(types.decoded(field.type, value)),")
          }
        }
        writer.write(")")
      }
    }
  }

  private func encode(_ members: [(name: String, field: ContractDefinition.Field)], into writer: inout PythonWriter) {
    let required = members.filter { !isOptional($0.field) }
    writer.write("fields: dict[str, Any] = {\(required.isEmpty ? "}" : "")")
    writer.indented { writer in
      for (name, field) in required {
        writer.write("\(PythonText.literal(field.name)): \(types.encoded(field.type, "self.\(name)")),")
      }
    }
    if !required.isEmpty { writer.write("}") }
    for (name, field) in members where isOptional(field) {
      // A key with nil would do, and this is what Swift sends.
      writer.write("if self.\(name) is not None:")
      writer.indented { writer in
        writer.write(
          "fields[\(PythonText.literal(field.name))] = \(types.encoded(unwrapped(field.type), "self.\(name)"))")
      }
    }
    writer.write("return fields")
  }

  /// Whether the field may be left out, which is so for what the declaration does not show, too.
  private func isOptional(_ field: ContractDefinition.Field) -> Bool {
    if case .unknown = field.type { return true }
    return types.annotation(field.type).hasSuffix("| None") || unwrapped(field.type) != field.type
  }

  private func unwrapped(_ type: ContractType) -> ContractType {
    guard case .optional(let inner) = type else { return type }
    return inner
  }
}

/// Writes text as Python literals.
enum PythonText {
  static func literal(_ text: String) -> String { JSONText.quoted(text) }
}
