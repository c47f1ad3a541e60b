/// Renders a mock of a service: a class whose methods are closures, and which records every call.
struct MockRenderer {
  let service: ServiceModel

  func render(into writer: inout CodeWriter) {
    if service.enclosingTypes.isEmpty { return renderMock(into: &writer) }
    let outer = service.enclosingTypes.map(Identifier.name).joined(separator: ".")
    writer.block("extension \(outer) {") { renderMock(into: &$0) }
  }

  private var name: String { "\(service.name)\(MessagePattern.mock.suffix)" }
  private var access: String { service.access.modifier }

  private func renderMock(into writer: inout CodeWriter) {
    writer.writeDocumentation(
      "Stands in for a `\(service.name)` in tests: closures answer, and every call is recorded.")
    writer.write(service.attributes)
    let conformances = "\(Identifier.name(service.name)), Sendable"
    writer.block("\(access)nonisolated final class \(Identifier.name(name)): \(conformances) {") { writer in
      renderMethods(into: &writer)
      writer.write()
      writer.writeDocumentation("What answers each method, and the calls of each.")
      writer.write("\(access)let on = Methods()")
      writer.write()
      writer.writeDocumentation("Creates a mock; a method fails until a closure answers it.")
      writer.write("\(access)init() {}")
      for (method, property) in namedMethods {
        writer.write()
        render(method, property, into: &writer)
      }
    }
  }

  /// The methods with the names of their properties: overloads get names of their own.
  private var namedMethods: [(method: MethodModel, property: String)] {
    var names: Set<String> = ["self"]
    return service.methods.map { method in
      let name = Identifier.unique(method.name, avoiding: names)
      names.insert(name)
      return (method, name)
    }
  }

  private func renderMethods(into writer: inout CodeWriter) {
    writer.writeDocumentation("Holds what stands in for each method.")
    writer.block("\(access)struct Methods: Sendable {") { writer in
      for (method, property) in namedMethods {
        let signature = Signature(method: method)
        writer.writeDocumentation("Answers `\(method.fullName)`.")
        let label = StringLiteral.singleLine("\(name).\(method.name)")
        let types = "\(signature.argumentTuple), \(signature.result)"
        writer.write("\(access)let \(Identifier.name(property)) = RPCMockMethod<\(types)>(\(label))")
      }
    }
  }

  private func render(_ method: MethodModel, _ property: String, into writer: inout CodeWriter) {
    let signature = Signature(method: method)
    writer.writeDocumentation(method.documentation)
    writer.write(method.attributes)
    let opening = "\(access)func \(Identifier.name(method.name))("
    writer.writeList(opening, signature.declarations, ") async throws\(signature.arrow) {")
    writer.indented { writer in
      let on = signature.names.contains("on") ? "self.on" : "on"
      let arguments = signature.parameters.map { Identifier.name($0.name) }
      let isOne = arguments.count == 1
      let call = "try await \(on).\(Identifier.name(property)).call("
      writer.writeList(call + (isOne ? "" : "("), arguments, isOne ? ")" : "))")
    }
    writer.write("}")
  }
}

extension Signature {
  /// The type of all arguments together: one alone, several as a tuple with their names.
  fileprivate var argumentTuple: String {
    if parameters.count == 1 { return parameters[0].type }
    return "(" + parameters.map { "\(Identifier.name($0.name)): \($0.type)" }.joined(separator: ", ") + ")"
  }

  /// The type of the result.
  fileprivate var result: String {
    switch method.result {
    case .void: "Void"
    case .value(let type): type
    case .stream(let element): "RPCStream<\(element)>"
    }
  }
}
