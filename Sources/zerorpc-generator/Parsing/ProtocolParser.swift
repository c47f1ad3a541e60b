internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Reads a protocol, as if it were a service.
struct ProtocolParser {
  /// The directives above the requirements, those of refused ones included.
  private(set) var directives: [DirectiveComment] = []

  private let node: ProtocolDeclSyntax
  private let locator: Locator
  private let comments: CommentReader
  private let name: String
  private var declaration: ProtocolDeclaration

  init(node: ProtocolDeclSyntax, locator: Locator) {
    self.node = node
    self.locator = locator
    comments = CommentReader(locator: locator)
    name = unescaped(node.name.text)
    declaration = ProtocolDeclaration(name: name, position: locator.position(of: node.name))
  }

  mutating func parse() -> ProtocolDeclaration {
    declaration.inherited = inheritedTypes
    declaration.documentation = comments.documentation(of: node)
    declaration.directives = comments.directives(above: node)
    declaration.attributes = node.attributes.compactMap { element in
      guard case .attribute(let attribute) = element else { return nil }
      return Self.repeatedAttributes.contains(attribute.attributeName.canonicalText) ? attribute.canonicalText : nil
    }
    if let clause = node.genericWhereClause {
      refuse(clause, "service '\(name)' has a 'where' clause", hint: "remove it: a service knows no associated types")
    }
    for member in node.memberBlock.members { parse(member.decl) }
    return declaration
  }

  /// Attributes that say who may use a service, and that must be said again of its client.
  private static let repeatedAttributes: Set<String> = ["available", "_spi"]

  private var inheritedTypes: [InheritedType] {
    guard let types = node.inheritanceClause?.inheritedTypes else { return [] }
    return types.flatMap { parts(of: $0.type) }.map { type in
      let name = type.canonicalText.split(separator: ".").map { unescaped(String($0)) }.joined(separator: ".")
      return InheritedType(name: name, position: locator.position(of: type))
    }
  }

  /// The types of a composition, without attributes such as `@unchecked`.
  private func parts(of type: TypeSyntax) -> [TypeSyntax] {
    if let composition = type.as(CompositionTypeSyntax.self) {
      return composition.elements.flatMap { parts(of: $0.type) }
    }
    return [type.as(AttributedTypeSyntax.self)?.baseType ?? type]
  }

  private mutating func parse(_ member: DeclSyntax) {
    guard !member.is(TypeAliasDeclSyntax.self) else { return }
    if !member.is(IfConfigDeclSyntax.self) { directives += comments.directives(above: member) }
    declaration.requirementCount += 1
    if let function = member.as(FunctionDeclSyntax.self) {
      parse(function)
    } else if let property = member.as(VariableDeclSyntax.self) {
      let names = property.bindings.map(\.pattern.trimmedDescription).joined(separator: ", ")
      refuse(
        property.bindings, "requirement '\(names)' of service '\(name)' is a property",
        hint: "write a method: `func \(unescaped(names))() async throws -> …`")
    } else if let subscripting = member.as(SubscriptDeclSyntax.self) {
      refuse(
        subscripting.subscriptKeyword, "service '\(name)' requires a subscript",
        hint: "write a method: `func element(at index: Int) async throws -> …`")
    } else if let initializer = member.as(InitializerDeclSyntax.self) {
      refuse(
        initializer.initKeyword, "service '\(name)' requires an initializer",
        hint: "remove it: the server has its instance, and a client cannot make another")
    } else if let associated = member.as(AssociatedTypeDeclSyntax.self) {
      refuse(
        associated.name, "service '\(name)' has the associated type '\(unescaped(associated.name.text))'",
        hint: "use concrete types: the peer must know what to decode")
    } else if let block = member.as(IfConfigDeclSyntax.self) {
      parse(block)
    } else {
      declaration.requirementCount -= 1
    }
  }

  private mutating func parse(_ function: FunctionDeclSyntax) {
    if function.hasError {
      // The compiler explains syntax errors best, and it will see the same file.
      declaration.diagnostics.append(
        Diagnostic(
          "requirement '\(function.fullName)' of service '\(name)' could not be parsed and is left out",
          at: locator.position(of: function.name),
          hint: "if the compiler accepts it, update swift-syntax in this package: the parser is older than the syntax",
          severity: .warning))
      return
    }
    var parser = MethodParser(node: function, service: name, locator: locator)
    let method = parser.parse()
    declaration.typeNames.formUnion(parser.typeNames)
    declaration.diagnostics += parser.diagnostics
    declaration.methods.append(MethodDeclaration(method: method, directives: comments.directives(above: function)))
  }

  private mutating func parse(_ block: IfConfigDeclSyntax) {
    let members = IfConfigMembers.requirements(in: block)
    for member in members {
      directives += comments.directives(above: member)
      let subject = member.as(FunctionDeclSyntax.self).map { "requirement '\($0.fullName)'" } ?? "a requirement"
      refuse(
        member.as(FunctionDeclSyntax.self).map { Syntax($0.name) } ?? Syntax(member),
        "\(subject) of service '\(name)' is inside '#if'",
        hint: "declare it unconditionally: client and server must agree on it whatever they are built with")
    }
    if members.isEmpty { declaration.requirementCount -= 1 }
  }

  private mutating func refuse(_ node: some SyntaxProtocol, _ message: String, hint: String) {
    declaration.diagnostics.append(Diagnostic(message, at: locator.position(of: node), hint: hint))
  }
}

/// Finds the requirements in an `#if` of a protocol.
private enum IfConfigMembers {
  static func requirements(in block: IfConfigDeclSyntax) -> [DeclSyntax] {
    block.clauses.flatMap { clause -> [DeclSyntax] in
      guard case .decls(let members) = clause.elements else { return [] }
      return members.flatMap { member -> [DeclSyntax] in
        if let inner = member.decl.as(IfConfigDeclSyntax.self) { return requirements(in: inner) }
        return member.decl.is(TypeAliasDeclSyntax.self) ? [] : [member.decl]
      }
    }
  }
}
