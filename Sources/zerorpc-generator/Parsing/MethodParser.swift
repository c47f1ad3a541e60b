internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Reads a requirement, and says all that keeps it from being called remotely.
struct MethodParser {
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var typeNames: Set<String> = []

  private let node: FunctionDeclSyntax
  private let service: String
  private let locator: Locator

  init(node: FunctionDeclSyntax, service: String, locator: Locator) {
    self.node = node
    self.service = service
    self.locator = locator
  }

  mutating func parse() -> MethodModel {
    checkEffects()
    checkGenerics()
    checkModifiers()
    let attributes = parseAttributes()
    let parameters = node.signature.parameterClause.parameters.map { parse($0) }
    return MethodModel(
      name: unescaped(node.name.text),
      documentation: CommentReader(locator: locator).documentation(of: node),
      attributes: attributes,
      parameters: parameters,
      result: parseResult(),
      position: locator.position(of: node.name))
  }

  private var subject: String { "requirement '\(node.fullName)' of service '\(service)'" }

  private mutating func refuse(_ node: some SyntaxProtocol, _ message: String, hint: String) {
    diagnostics.append(Diagnostic(message, at: locator.position(of: node), hint: hint))
  }

  private mutating func checkEffects() {
    let effects = node.signature.effectSpecifiers
    let isAsync = effects?.asyncSpecifier?.text == "async"
    let isThrowing = effects?.throwsClause?.throwsSpecifier.text == "throws"
    if !isAsync || !isThrowing {
      refuse(
        node.name, "\(subject) is not 'async throws'",
        hint: "write 'async throws' after the parameters: a remote call suspends, and it can fail")
    }
    if let type = effects?.throwsClause?.type {
      refuse(
        type, "\(subject) has typed throws",
        hint: "write 'throws' alone, as a remote call can also fail by a timeout or a lost connection; "
          + "`// zerorpc: throws = \(type.canonicalText)` above it lets the error arrive as itself")
    }
  }

  private mutating func checkGenerics() {
    let hint = "use concrete types: the peer must know what to decode"
    if let clause = node.genericParameterClause {
      refuse(clause, "\(subject) is generic", hint: hint)
    } else if let clause = node.genericWhereClause {
      refuse(clause, "\(subject) has a 'where' clause", hint: hint)
    }
  }

  private mutating func checkModifiers() {
    if case .binaryOperator = node.name.tokenKind {
      return refuse(node.name, "\(subject) is an operator", hint: "write a method with a name")
    }
    for modifier in node.modifiers {
      switch modifier.name.text {
      case "static", "class":
        refuse(
          modifier, "\(subject) is '\(modifier.name.text)'",
          hint: "remove '\(modifier.name.text)': calls reach an instance that the server was given")
      case "mutating", "consuming":
        refuse(
          modifier, "\(subject) is '\(modifier.name.text)'",
          hint: "remove '\(modifier.name.text)'; keep changing state in a class or an actor that implements the service"
        )
      default: break
      }
    }
  }

  /// Reads the attributes that the client's method repeats.
  private mutating func parseAttributes() -> [String] {
    var attributes: [String] = []
    for case .attribute(let attribute) in node.attributes {
      let name = attribute.attributeName.canonicalText
      guard ["available", "discardableResult", "_spi"].contains(name) else { continue }
      attributes.append(attribute.canonicalText)
      if Availability(attribute: attribute.canonicalText)?.isUnsupported == true {
        refuse(
          attribute, "\(subject) has an '@available' that a server cannot follow",
          hint: "use `@available(macOS 26, *)` or `@available(*, deprecated)`, or move the method to another service")
      }
    }
    return attributes
  }

  private mutating func parse(_ parameter: FunctionParameterSyntax) -> ParameterModel {
    let label = unescaped(parameter.firstName.text)
    let name = parameter.secondName.map { unescaped($0.text) } ?? label
    let shown = name == "_" ? label : name
    var reader = TypeReader(subject: "parameter '\(shown)' of \(subject)", locator: locator)
    if let ellipsis = parameter.ellipsis {
      reader.refuse(ellipsis, "is variadic", hint: "take an array: `\(shown): [\(parameter.type.canonicalText)]`")
    }
    if let value = parameter.defaultValue {
      reader.refuse(
        value, "has a default value", hint: "Swift allows none in a protocol: add a method in an extension of it")
    }
    let type = reader.read(parameter.type)
    diagnostics += reader.diagnostics
    typeNames.formUnion(reader.typeNames)
    return ParameterModel(label: label == "_" ? nil : label, name: name == "_" ? nil : name, type: type)
  }

  private mutating func parseResult() -> ResultModel {
    guard let type = node.signature.returnClause?.type.withoutParentheses, !isVoid(type) else { return .void }
    var reader = TypeReader(subject: "the result of \(subject)", locator: locator)
    defer {
      diagnostics += reader.diagnostics
      typeNames.formUnion(reader.typeNames)
    }
    if let element = TypeReader.streamElement(of: type) { return .stream(element: reader.read(element)) }
    return .value(type: reader.read(type))
  }

  private func isVoid(_ type: TypeSyntax) -> Bool { ["Void", "()", "Swift.Void"].contains(type.canonicalText) }
}

extension FunctionDeclSyntax {
  /// The name as the compiler writes it: `divide(_:by:)`.
  var fullName: String {
    let labels = signature.parameterClause.parameters.map { "\(unescaped($0.firstName.text)):" }
    return "\(unescaped(name.text))(\(labels.joined()))"
  }
}
