/// Renders the definition of a service: what a server needs to dispatch calls, and to describe the methods.
///
/// Each method becomes a statement of its own: one large array literal would make the type checker slow.
struct DefinitionRenderer {
  let service: ServiceModel

  func render(into writer: inout CodeWriter) {
    writer.write(service.attributes)
    writer.block("extension \(service.qualifiedName) {") { writer in
      writer.writeDocumentation("Tells a server how to call the methods of `\(service.name)`.")
      writer.block("\(service.access.modifier)nonisolated var zeroRPCGenerated: RPCServiceDefinition {") { writer in
        var names: Set<String> = ["self"]
        var locals: [String] = []
        for method in service.methods {
          let name = Identifier.unique(method.name, avoiding: names)
          names.insert(name)
          locals.append(Identifier.name(name))
          render(method, as: Identifier.name(name), into: &writer)
          writer.write()
        }
        renderResult(locals, into: &writer)
      }
    }
  }

  private func renderResult(_ locals: [String], into writer: inout CodeWriter) {
    var arguments = [Argument("name", StringLiteral.singleLine(service.wireName))]
    arguments.append(Argument("documentation", text: service.documentation))
    let list = "[\(locals.joined(separator: ", "))]"
    let isLong = "  methods: \(list)".count > writer.width
    let lines = isLong ? ["["] + locals.map { "  \($0)," } + ["]"] : [list]
    arguments.append(Argument("methods", lines))
    writeCall("return RPCServiceDefinition", arguments, closing: ")", into: &writer)
  }

  private func render(_ method: MethodModel, as local: String, into writer: inout CodeWriter) {
    let signature = Signature(method: method)
    let call = signature.local("call")
    let opening = "let \(local) = RPCMethodDefinition"
    writeCall(opening, description(of: method, signature), closing: ") { \(call) in", into: &writer)
    writer.indented { renderHandler(signature, call: call, into: &$0) }
    writer.write("}")
  }

  /// What introspection tells peers about the method.
  private func description(of method: MethodModel, _ signature: Signature) -> [Argument] {
    var arguments = [Argument(nil, StringLiteral.singleLine(method.wireName))]
    if method.documentation != nil { arguments.append(Argument("documentation", text: method.documentation)) }
    let parameters = zip(method.parameters, signature.parameters).map { parameter, named in
      let name = StringLiteral.singleLine(parameter.name ?? parameter.label ?? named.name)
      return "RPCParameter(\(name), type: \(StringLiteral.singleLine(parameter.type)))"
    }
    if !parameters.isEmpty { arguments.append(Argument("parameters", "[\(parameters.joined(separator: ", "))]")) }
    switch method.result {
    case .void: break
    case .value(let type): arguments.append(Argument("result", StringLiteral.singleLine(type)))
    case .stream(let element):
      arguments.append(Argument("result", StringLiteral.singleLine("RPCStream<\(element)>")))
      arguments.append(Argument("isStream", "true"))
    }
    if method.isIdempotent { arguments.append(Argument("isIdempotent", "true")) }
    return arguments
  }

  private func renderHandler(_ signature: Signature, call: String, into writer: inout CodeWriter) {
    renderArguments(of: signature, call: call, into: &writer)
    let packer = signature.local("packer")
    switch signature.method.result {
    case .void:
      writer.write("try await \(signature.call)")
      writer.write("try \(call).reply()")
    case .value:
      let result = signature.local("result")
      writer.write("let \(result) = try await \(signature.call)")
      writer.block("try \(call).reply { \(packer) in") { $0.write("try \(packer).pack(\(result))") }
    case .stream:
      let (stream, element) = (signature.local("stream"), signature.local("element"))
      writer.write("let \(stream) = try await \(signature.call)")
      writer.block("try await \(call).reply(streaming: \(stream)) { \(packer), \(element) in") { writer in
        writer.write("try \(packer).pack(\(element))")
      }
    }
  }

  private func renderArguments(of signature: Signature, call: String, into writer: inout CodeWriter) {
    let parameters = signature.parameters
    let names = parameters.map { Identifier.name($0.name) }.joined(separator: ", ")
    let arguments = signature.local("arguments")
    func decoded(_ index: Int) -> String {
      "try \(arguments).decode(\(index), as: \(metatype(parameters[index].type)))"
    }
    switch parameters.count {
    case 0: writer.write("try \(call).arguments(count: 0) { _ in }")
    case 1:
      writer.block("let \(names) = try \(call).arguments(count: 1) { \(arguments) in") { $0.write(decoded(0)) }
    default:
      writer.block("let (\(names)) = try \(call).arguments(count: \(parameters.count)) { \(arguments) in") { writer in
        for index in parameters.indices {
          writer.write("let \(Identifier.name(parameters[index].name)) = \(decoded(index))")
        }
        writer.write("return (\(names))")
      }
    }
  }

  /// Writes a call on one line if it fits, or with an argument a line.
  private func writeCall(_ function: String, _ arguments: [Argument], closing: String, into writer: inout CodeWriter) {
    let line = "\(function)(" + arguments.map(\.text).joined(separator: ", ") + closing
    if arguments.allSatisfy({ $0.lines.count == 1 }) && line.count <= writer.width { return writer.write(line) }
    writer.write("\(function)(")
    writer.indented { writer in
      for (index, argument) in arguments.enumerated() {
        var lines = argument.lines
        if index < arguments.count - 1 { lines[lines.count - 1] += "," }
        writer.write(lines)
      }
    }
    writer.write(closing)
  }
}

/// Holds an argument of a call, on one line or on several.
private struct Argument {
  var lines: [String]

  var text: String { lines.joined() }

  init(_ label: String?, _ lines: [String]) {
    let first = (label.map { "\($0): " } ?? "") + (lines.first ?? "")
    self.lines = [first] + lines.dropFirst()
  }

  init(_ label: String?, _ line: String) {
    self.init(label, [line])
  }

  init(_ label: String, text: String?) {
    let lines = text.map { $0.contains("\n") ? StringLiteral.multiLine($0) : [StringLiteral.singleLine($0)] }
    self.init(label, lines ?? ["nil"])
  }
}
