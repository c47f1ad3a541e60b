/// Renders the definition of a service: what a server needs to dispatch calls, and to describe the methods.
///
/// Each method becomes a statement of its own: one large array literal would make the type checker slow.
struct DefinitionRenderer {
  let service: ServiceModel

  func render(into writer: inout CodeWriter) {
    let property = "\(service.access.modifier)nonisolated var zeroRPCGenerated: RPCServiceDefinition"
    let isDeprecated = service.methods.contains(where: \.isDeprecated)
    writer.write(service.attributes)
    writer.block("extension \(service.qualifiedName) {") { writer in
      writer.writeDocumentation("Tells a server how to call the methods of `\(service.name)`.")
      writer.block("\(property) {") { writer in
        if isDeprecated {
          writer.write("let maker: any \(makerName)Protocol = \(makerName)(service: self)")
          writer.write("return maker.definition")
        } else {
          renderBody(receiver: "self", into: &writer)
        }
      }
    }
    if isDeprecated { renderMaker(into: &writer) }
  }

  private var makerName: String { (service.enclosingTypes + [service.name, "DefinitionMaker"]).joined() }

  /// Renders the way around the warnings about deprecated methods, which servers must go on to answer: a deprecated
  /// declaration may call another, and who calls it through a protocol is not warned.
  private func renderMaker(into writer: inout CodeWriter) {
    writer.write()
    writer.writeDocumentation("Lets a server answer deprecated methods without warnings in this file.")
    writer.write(service.attributes)
    writer.block("private nonisolated protocol \(makerName)Protocol {") { writer in
      writer.write("var definition: RPCServiceDefinition { get }")
    }
    writer.write()
    writer.write(service.attributes)
    writer.block("private nonisolated struct \(makerName): \(makerName)Protocol {") { writer in
      writer.write("let service: any \(service.qualifiedName)")
      writer.write()
      writer.write("@available(*, deprecated)")
      writer.block("var definition: RPCServiceDefinition {") { renderBody(receiver: "service", into: &$0) }
    }
  }

  private func renderBody(receiver: String, into writer: inout CodeWriter) {
    var names: Set<String> = ["self", "service", "methods"]
    let methods = service.methods.map { method in
      let name = Identifier.unique(method.name, avoiding: names)
      names.insert(name)
      return (method: method, local: Identifier.name(name))
    }
    let unconditional = methods.filter { $0.method.platforms == nil }
    for (method, local) in unconditional {
      render(method, as: local, receiver: receiver, into: &writer)
      writer.write()
    }
    let isComplete = unconditional.count == methods.count
    if !isComplete {
      writer.writeList("var methods: [RPCMethodDefinition] = [", unconditional.map(\.local), "]")
      writer.write()
    }
    for (method, local) in methods {
      guard let platforms = method.platforms else { continue }
      writer.block("if #available(\(platforms)) {") { writer in
        render(method, as: local, receiver: receiver, into: &writer)
        writer.write("methods.append(\(local))")
      }
      writer.write()
    }
    let literal = brokenList("[", unconditional.map(\.local), "]", width: writer.width - "  methods: ".count)
    renderResult(isComplete ? literal : ["methods"], into: &writer)
  }

  private func renderResult(_ methods: [String], into writer: inout CodeWriter) {
    let arguments = [
      Argument("name", StringLiteral.singleLine(service.wireName)),
      Argument("documentation", text: service.documentation),
      Argument("methods", methods),
    ]
    writeCall("return RPCServiceDefinition", arguments, closing: ")", into: &writer)
  }

  private func render(_ method: MethodModel, as local: String, receiver: String, into writer: inout CodeWriter) {
    let signature = Signature(method: method)
    let call = signature.local("call")
    let opening = "let \(local) = RPCMethodDefinition"
    writeCall(
      opening, description(of: method, signature, width: writer.width), closing: ") { \(call) in", into: &writer)
    let target = signature.names.contains(receiver) ? "self.\(receiver)" : receiver
    writer.indented { renderHandler(signature, call: call, target: target, into: &$0) }
    writer.write("}")
  }

  /// What introspection tells peers about the method.
  private func description(of method: MethodModel, _ signature: Signature, width: Int) -> [Argument] {
    var arguments = [Argument(nil, StringLiteral.singleLine(method.wireName))]
    if method.documentation != nil { arguments.append(Argument("documentation", text: method.documentation)) }
    let parameters = zip(method.parameters, signature.parameters).map { parameter, named in
      let name = StringLiteral.singleLine(parameter.name ?? parameter.label ?? named.name)
      return "RPCParameter(\(name), type: \(StringLiteral.singleLine(parameter.type)))"
    }
    if !parameters.isEmpty {
      let lines = brokenList("[", parameters, "]", width: width - "  parameters: ,".count)
      arguments.append(Argument("parameters", lines))
    }
    switch method.result {
    case .void: break
    case .value(let type): arguments.append(Argument("result", StringLiteral.singleLine(type)))
    case .stream(let element):
      arguments.append(Argument("result", StringLiteral.singleLine("RPCStream<\(element)>")))
      arguments.append(Argument("isStream", "true"))
    }
    if method.isIdempotent { arguments.append(Argument("isIdempotent", "true")) }
    if !method.errors.isEmpty {
      let lines = brokenList("[", method.errorTypes, "]", width: width - "  errors: ,".count)
      arguments.append(Argument("errors", lines))
    }
    return arguments
  }

  private func renderHandler(_ signature: Signature, call: String, target: String, into writer: inout CodeWriter) {
    renderArguments(of: signature, call: call, into: &writer)
    let packer = signature.local("packer")
    let invocation = "try await \(target).\(Identifier.name(signature.method.name))("
    switch signature.method.result {
    case .void:
      writer.writeList(invocation, signature.arguments, ")")
      writer.write("try \(call).reply()")
    case .value:
      let result = signature.local("result")
      writer.writeList("let \(result) = \(invocation)", signature.arguments, ")")
      writer.block("try \(call).reply { \(packer) in") { $0.write("try \(packer).pack(\(result))") }
    case .stream:
      let (stream, element) = (signature.local("stream"), signature.local("element"))
      writer.writeList("let \(stream) = \(invocation)", signature.arguments, ")")
      writer.block("try await \(call).reply(streaming: \(stream)) { \(packer), \(element) in") { writer in
        writer.write("try \(packer).pack(\(element))")
      }
    }
  }

  private func renderArguments(of signature: Signature, call: String, into writer: inout CodeWriter) {
    let parameters = signature.parameters
    let names = parameters.map { Identifier.name($0.name) }
    let arguments = signature.local("arguments")
    func decoded(_ index: Int) -> String {
      "try \(arguments).decode(\(index), as: \(metatype(parameters[index].type)))"
    }
    switch parameters.count {
    case 0: writer.write("try \(call).arguments(count: 0) { _ in }")
    case 1:
      writer.block("let \(names[0]) = try \(call).arguments(count: 1) { \(arguments) in") { $0.write(decoded(0)) }
    default:
      writer.writeList("let (", names, ") = try \(call).arguments(count: \(names.count)) { \(arguments) in")
      writer.indented { writer in
        for index in parameters.indices { writer.write("let \(names[index]) = \(decoded(index))") }
        writer.writeList("return (", names, ")")
      }
      writer.write("}")
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

extension MethodModel {
  /// The expressions that declare the errors: `RPCErrorType(CalculatorError.self)`.
  var errorTypes: [String] { errors.map { "RPCErrorType(\(metatype($0)))" } }
}
