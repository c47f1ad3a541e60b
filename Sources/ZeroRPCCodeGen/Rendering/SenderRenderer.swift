/// Renders a pusher or a publisher of a service: a struct with the methods that return nothing, which sends each call as one
/// message.
struct SenderRenderer {
  let service: ServiceModel
  let pattern: MessagePattern

  func render(into writer: inout CodeWriter) {
    if service.enclosingTypes.isEmpty { return renderSender(into: &writer) }
    let outer = service.enclosingTypes.map(Identifier.name).joined(separator: ".")
    writer.block("extension \(outer) {") { renderSender(into: &$0) }
  }

  private var methods: [MethodModel] { service.methods.filter { $0.result == .void } }

  private func renderSender(into writer: inout CodeWriter) {
    let access = service.access.modifier
    let property = pattern.rawValue
    let connection = "RPC\(pattern.suffix)"
    let summary =
      switch pattern {
      case .pusher: "Pushes calls of `\(service.name)`, each to one of the consumers."
      case .publisher, .mock: "Publishes calls of `\(service.name)` to all subscribers."
      }
    writer.writeDocumentation(service.documentation.map { "\($0)\n\n\(summary)" } ?? summary)
    writer.write(service.attributes)
    let name = "\(service.name)\(pattern.suffix)"
    writer.block("\(access)nonisolated struct \(Identifier.name(name)): RPCService\(pattern.suffix) {") { writer in
      writer.writeDocumentation("The connection that the messages travel on.")
      writer.write("\(access)let \(property): \(connection)")
      writer.writeDocumentation("The options of every message.")
      writer.write("\(access)var options: RPCSendOptions")
      writer.write()
      writer.writeDocumentation("Creates a \(property) that sends through a connection.")
      writer.block(
        "\(access)init(_ \(property): \(connection), options: RPCSendOptions = RPCSendOptions()) {"
      ) { writer in
        writer.write("self.\(property) = \(property)")
        writer.write("self.options = options")
      }
      for method in methods {
        writer.write()
        render(method, into: &writer)
      }
    }
  }

  private func render(_ method: MethodModel, into writer: inout CodeWriter) {
    let signature = Signature(method: method)
    writer.writeDocumentation(method.documentation)
    writer.write(method.attributes)
    let effects = pattern == .pusher ? "async throws" : "throws"
    let opening = "\(service.access.modifier)func \(Identifier.name(method.name))("
    writer.writeList(opening, signature.declarations, ") \(effects) {")
    writer.indented { renderSending(signature, into: &$0) }
    writer.write("}")
  }

  private func renderSending(_ signature: Signature, into writer: inout CodeWriter) {
    let property = pattern.rawValue
    let connection = signature.names.contains(property) ? "self.\(property)" : property
    let options = signature.names.contains("options") ? "self.options" : "options"
    let packer = signature.local("packer")
    let sending = pattern == .pusher ? "try await \(connection).push(" : "try \(connection).publish("
    let arguments = [StringLiteral.singleLine(signature.method.wireName), "options: \(options)"]
    writer.writeList(sending, arguments, ") { \(packer) in")
    writer.indented { writer in
      writer.write("\(packer).packArrayHeader(\(signature.parameters.count))")
      for parameter in signature.parameters {
        writer.write("try \(packer).pack(\(Identifier.name(parameter.name)))")
      }
    }
    writer.write("}")
  }
}
