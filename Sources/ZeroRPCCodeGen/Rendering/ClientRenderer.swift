/// Renders the client of a service: a struct that conforms to the protocol and sends every call to a remote peer.
struct ClientRenderer {
  let service: ServiceModel

  func render(into writer: inout CodeWriter) {
    if service.enclosingTypes.isEmpty { return renderClient(into: &writer) }
    let outer = service.enclosingTypes.map(Identifier.name).joined(separator: ".")
    writer.block("extension \(outer) {") { renderClient(into: &$0) }
  }

  private func renderClient(into writer: inout CodeWriter) {
    let access = service.access.modifier
    let summary = "Calls a remote `\(service.name)`."
    writer.writeDocumentation(service.documentation.map { "\($0)\n\n\(summary)" } ?? summary)
    writer.write(service.attributes)
    let conformances = "\(Identifier.name(service.name)), RPCServiceClient"
    writer.block("\(access)nonisolated struct \(service.clientName): \(conformances) {") { writer in
      writer.writeDocumentation("The connection that the calls travel on.")
      writer.write("\(access)let client: RPCClient")
      writer.writeDocumentation("The options of every call.")
      writer.write("\(access)var options: RPCCallOptions")
      writer.write()
      writer.writeDocumentation("Creates a client that calls through a connection.")
      writer.block("\(access)init(_ client: RPCClient, options: RPCCallOptions = RPCCallOptions()) {") { writer in
        writer.write("self.client = client")
        writer.write("self.options = options")
      }
      for method in service.methods {
        writer.write()
        render(method, into: &writer)
      }
    }
  }

  private func render(_ method: MethodModel, into writer: inout CodeWriter) {
    let signature = Signature(method: method)
    writer.writeDocumentation(method.documentation)
    writer.write(method.attributes)
    renderHead(of: signature, into: &writer)
    writer.indented { renderCall(signature, into: &$0) }
    writer.write("}")
  }

  private func renderHead(of signature: Signature, into writer: inout CodeWriter) {
    let opening = "\(service.access.modifier)func \(Identifier.name(signature.method.name))("
    let closing = ") async throws\(signature.arrow) {"
    writer.writeList(opening, signature.declarations, closing)
  }

  private func renderCall(_ signature: Signature, into writer: inout CodeWriter) {
    let method = signature.method
    let client = signature.names.contains("client") ? "self.client" : "client"
    let options = signature.names.contains("options") ? "self.options" : "options"
    let given = method.isIdempotent ? "\(options).idempotentByDefault()" : options
    let (function, answer, type) =
      switch method.result {
      case .void: ("call", "_", String?.none)
      case .value(let type): ("call", "result", type)
      case .stream(let element): ("stream", "element", element)
      }
    let packer = signature.local("packer")
    var arguments = [StringLiteral.singleLine(method.wireName), "options: \(given)"]
    if !method.errors.isEmpty { arguments.append("errors: [\(method.errorTypes.joined(separator: ", "))]") }
    writer.writeList("try await \(client).\(function)(", arguments, ") { \(packer) in")
    writer.indented { writer in
      writer.write("\(packer).packArrayHeader(\(signature.parameters.count))")
      for parameter in signature.parameters {
        writer.write("try \(packer).pack(\(Identifier.name(parameter.name)))")
      }
    }
    guard let type else { return writer.write("} unpack: { _ in }") }
    let local = signature.local(answer)
    writer.write("} unpack: { \(local) in")
    writer.indented { $0.write("try \(local).decode(\(metatype(type)))") }
    writer.write("}")
  }
}

/// The expression for a type's metatype. `Int?.self` and `[Int].self` are expressions as they are.
func metatype(_ type: String) -> String { "\(type).self" }
