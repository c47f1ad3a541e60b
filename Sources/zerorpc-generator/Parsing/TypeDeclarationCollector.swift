internal import SwiftParser
internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Collects how the types of a file are declared, for contracts. What functions declare for themselves is not seen.
final class TypeDeclarationCollector: SyntaxVisitor {
  private(set) var types: [TypeDeclaration] = []

  private let locator: Locator
  private var enclosing: [String] = []

  init(locator: Locator) {
    self.locator = locator
    super.init(viewMode: .sourceAccurate)
  }

  override func visit(_ node: StructDeclSyntax) -> SyntaxVisitorContinueKind {
    enter(node, name: node.name, .structure, node.genericParameterClause, node.inheritanceClause)
  }
  override func visitPost(_ node: StructDeclSyntax) { leave() }

  override func visit(_ node: ClassDeclSyntax) -> SyntaxVisitorContinueKind {
    enter(node, name: node.name, .structure, node.genericParameterClause, node.inheritanceClause)
  }
  override func visitPost(_ node: ClassDeclSyntax) { leave() }

  override func visit(_ node: EnumDeclSyntax) -> SyntaxVisitorContinueKind {
    enter(node, name: node.name, .enumeration, node.genericParameterClause, node.inheritanceClause)
  }
  override func visitPost(_ node: EnumDeclSyntax) { leave() }

  override func visit(_ node: ExtensionDeclSyntax) -> SyntaxVisitorContinueKind {
    let extended = node.extendedType.canonicalText.split(separator: ".").map { unescaped(String($0)) }
    var reader = MemberReader()
    reader.read(node.memberBlock.members)
    types.append(
      TypeDeclaration(
        name: extended.joined(separator: "."), kind: .extension, inherited: names(in: node.inheritanceClause),
        codingKeys: reader.codingKeys, codesItself: reader.codesItself, position: locator.position(of: node)))
    enclosing = extended
    return .visitChildren
  }
  // Extensions stand at file level only.
  override func visitPost(_ node: ExtensionDeclSyntax) { enclosing = [] }

  override func visit(_ node: TypeAliasDeclSyntax) -> SyntaxVisitorContinueKind {
    types.append(
      TypeDeclaration(
        name: qualified(node.name), kind: .alias, parameters: names(in: node.genericParameterClause),
        documentation: CommentReader(locator: locator).documentation(of: node),
        target: node.initializer.value.canonicalText, position: locator.position(of: node.name)))
    return .skipChildren
  }

  override func visit(_ node: ProtocolDeclSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: CodeBlockSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: AccessorBlockSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: ClosureExprSyntax) -> SyntaxVisitorContinueKind { .skipChildren }

  private func qualified(_ name: TokenSyntax) -> String {
    (enclosing + [unescaped(name.text)]).joined(separator: ".")
  }

  private func enter(
    _ node: some DeclGroupSyntax, name: TokenSyntax, _ kind: TypeDeclaration.Kind,
    _ generics: GenericParameterClauseSyntax?, _ inheritance: InheritanceClauseSyntax?
  ) -> SyntaxVisitorContinueKind {
    var reader = MemberReader()
    reader.read(node.memberBlock.members)
    types.append(
      TypeDeclaration(
        name: qualified(name), kind: kind, parameters: names(in: generics), inherited: names(in: inheritance),
        documentation: CommentReader(locator: locator).documentation(of: node), fields: reader.fields,
        cases: reader.cases, codingKeys: reader.codingKeys, codesItself: reader.codesItself,
        position: locator.position(of: name)))
    enclosing.append(unescaped(name.text))
    return .visitChildren
  }

  private func leave() {
    if !enclosing.isEmpty { enclosing.removeLast() }
  }

  private func names(in clause: GenericParameterClauseSyntax?) -> [String] {
    clause?.parameters.map { unescaped($0.name.text) } ?? []
  }

  private func names(in clause: InheritanceClauseSyntax?) -> [String] {
    clause?.inheritedTypes.map(\.type.canonicalText) ?? []
  }
}

/// Reads what the members of a type say about its coding.
private struct MemberReader {
  private(set) var fields: [TypeDeclaration.Field] = []
  private(set) var cases: [TypeDeclaration.Case] = []
  private(set) var codingKeys: [TypeDeclaration.Case]?
  private(set) var codesItself = false

  mutating func read(_ members: MemberBlockItemListSyntax) {
    for member in members { read(member.decl) }
  }

  private mutating func read(_ member: DeclSyntax) {
    if let variable = member.as(VariableDeclSyntax.self) {
      read(variable)
    } else if let item = member.as(EnumCaseDeclSyntax.self) {
      cases += item.elements.map(Self.enumCase)
    } else if let keys = member.as(EnumDeclSyntax.self), unescaped(keys.name.text).hasSuffix("CodingKeys") {
      readKeys(keys)
    } else if let alias = member.as(TypeAliasDeclSyntax.self), alias.name.text == "CodingKeys" {
      codesItself = true
    } else if let initializer = member.as(InitializerDeclSyntax.self) {
      let parameters = initializer.signature.parameterClause.parameters
      if parameters.count == 1, parameters.first?.firstName.text == "from",
        parameters.first?.type.canonicalText.hasSuffix("Decoder") == true
      {
        codesItself = true
      }
    } else if let function = member.as(FunctionDeclSyntax.self), function.fullName == "encode(to:)" {
      codesItself = true
    } else if let block = member.as(IfConfigDeclSyntax.self), Self.declaresData(block) {
      // Which of the members there are, the compiler decides.
      codesItself = true
    }
  }

  private mutating func readKeys(_ keys: EnumDeclSyntax) {
    // The keys of a case's values have a name of their own.
    guard unescaped(keys.name.text) == "CodingKeys" else { return codesItself = true }
    var reader = MemberReader()
    reader.read(keys.memberBlock.members)
    codingKeys = reader.cases
  }

  private mutating func read(_ variable: VariableDeclSyntax) {
    let modifiers = variable.modifiers.map(\.name.text)
    if modifiers.contains("static") || modifiers.contains("class") || modifiers.contains("lazy") { return }
    let isWrapped = variable.attributes.contains { element in
      guard case .attribute(let attribute) = element else { return true }
      return attribute.attributeName.canonicalText.first?.isUppercase == true
        && attribute.attributeName.canonicalText != "MainActor"
    }
    var type: TypeSyntax?
    var found: [TypeDeclaration.Field] = []
    // `var a, b: Int` writes the type once, behind the last.
    for binding in variable.bindings.reversed() {
      type = binding.typeAnnotation?.type ?? (binding.initializer == nil ? type : nil)
      if Self.isComputed(binding) { continue }
      // A constant with a value is never read from what arrives.
      if variable.bindingSpecifier.text == "let" && binding.initializer != nil { continue }
      guard let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier.text else {
        codesItself = true
        continue
      }
      let text = type?.canonicalText ?? binding.initializer.flatMap { Self.literalType(of: $0.value) }
      found.append(TypeDeclaration.Field(unescaped(name), type: isWrapped ? nil : text))
    }
    fields += found.reversed()
  }

  private static func isComputed(_ binding: PatternBindingSyntax) -> Bool {
    guard let block = binding.accessorBlock else { return false }
    guard case .accessors(let accessors) = block.accessors else { return true }
    return !accessors.allSatisfy { ["willSet", "didSet"].contains($0.accessorSpecifier.text) }
  }

  private static func literalType(of value: ExprSyntax) -> String? {
    switch value.kind {
    case .integerLiteralExpr: "Int"
    case .floatLiteralExpr: "Double"
    case .stringLiteralExpr: "String"
    case .booleanLiteralExpr: "Bool"
    default: nil
    }
  }

  private static func enumCase(_ element: EnumCaseElementSyntax) -> TypeDeclaration.Case {
    let fields = element.parameterClause?.parameters.map { parameter in
      let label = parameter.firstName.map { unescaped($0.text) }
      return TypeDeclaration.Field(label == "_" ? nil : label, type: parameter.type.canonicalText)
    }
    return TypeDeclaration.Case(
      unescaped(element.name.text), rawValue: element.rawValue.map { rawValue(of: $0.value) }, fields: fields ?? [])
  }

  private static func rawValue(of value: ExprSyntax) -> String {
    if let literal = value.as(StringLiteralExprSyntax.self) {
      return literal.representedLiteralValue ?? literal.canonicalText
    }
    let text = value.canonicalText.replacing("_", with: "")
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where text.hasPrefix(prefix) {
      return Int(text.dropFirst(2), radix: radix).map(String.init) ?? text
    }
    return text
  }

  private static func declaresData(_ block: IfConfigDeclSyntax) -> Bool {
    block.clauses.contains { clause in
      guard case .decls(let members) = clause.elements else { return false }
      var reader = MemberReader()
      reader.read(members)
      return reader.codesItself || !reader.fields.isEmpty || !reader.cases.isEmpty || reader.codingKeys != nil
    }
  }
}
