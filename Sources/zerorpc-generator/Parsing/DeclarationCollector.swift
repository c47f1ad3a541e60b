internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Collects the protocols and the names of the types of a file. What functions declare for themselves is not seen.
final class DeclarationCollector: SyntaxVisitor {
  private(set) var protocols: [ProtocolDeclaration] = []
  private(set) var typeNames: Set<String> = []
  /// The places of the directives that belong to a protocol or a requirement.
  private(set) var claimedDirectives: Set<ZeroRPCCodeGen.SourcePosition> = []

  private struct Scope {
    var names: [String]
    var access: AccessScope
    /// The level of members that write none.
    var memberAccess: AccessScope
  }

  private let locator: Locator
  private var scopes: [Scope] = []
  private var conditions = 0

  init(locator: Locator) {
    self.locator = locator
    super.init(viewMode: .sourceAccurate)
  }

  override func visit(_ node: StructDeclSyntax) -> SyntaxVisitorContinueKind { enter(node.name, node.modifiers) }
  override func visitPost(_ node: StructDeclSyntax) { leave() }
  override func visit(_ node: ClassDeclSyntax) -> SyntaxVisitorContinueKind { enter(node.name, node.modifiers) }
  override func visitPost(_ node: ClassDeclSyntax) { leave() }
  override func visit(_ node: ActorDeclSyntax) -> SyntaxVisitorContinueKind { enter(node.name, node.modifiers) }
  override func visitPost(_ node: ActorDeclSyntax) { leave() }
  override func visit(_ node: EnumDeclSyntax) -> SyntaxVisitorContinueKind { enter(node.name, node.modifiers) }
  override func visitPost(_ node: EnumDeclSyntax) { leave() }

  override func visit(_ node: ExtensionDeclSyntax) -> SyntaxVisitorContinueKind {
    let names = node.extendedType.canonicalText.split(separator: ".").map { unescaped(String($0)) }
    let access = AccessScope(node.modifiers)
    scopes.append(Scope(names: names, access: access ?? .public, memberAccess: access ?? .internal))
    return .visitChildren
  }
  override func visitPost(_ node: ExtensionDeclSyntax) { leave() }

  override func visit(_ node: IfConfigDeclSyntax) -> SyntaxVisitorContinueKind {
    conditions += 1
    return .visitChildren
  }
  override func visitPost(_ node: IfConfigDeclSyntax) { conditions -= 1 }

  override func visit(_ node: CodeBlockSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: AccessorBlockSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
  override func visit(_ node: ClosureExprSyntax) -> SyntaxVisitorContinueKind { .skipChildren }

  override func visit(_ node: ProtocolDeclSyntax) -> SyntaxVisitorContinueKind {
    var parser = ProtocolParser(node: node, locator: locator)
    var declaration = parser.parse()
    declaration.enclosingTypes = enclosingTypes
    declaration.access = access(of: node.modifiers).level
    if conditions > 0 {
      declaration.diagnostics.append(
        Diagnostic(
          "service '\(declaration.name)' is declared inside '#if'", at: declaration.position,
          hint: "declare it unconditionally: client and server must agree on it whatever they are built with"))
    }
    protocols.append(declaration)
    claimedDirectives.formUnion(declaration.directives.map(\.position))
    claimedDirectives.formUnion(parser.directives.map(\.position))
    return .skipChildren
  }

  private var enclosingTypes: [String] { scopes.flatMap(\.names) }

  private func enter(_ name: TokenSyntax, _ modifiers: DeclModifierListSyntax) -> SyntaxVisitorContinueKind {
    typeNames.insert((enclosingTypes + [unescaped(name.text)]).joined(separator: "."))
    scopes.append(Scope(names: [unescaped(name.text)], access: access(of: modifiers), memberAccess: .internal))
    return .visitChildren
  }

  private func leave() {
    if !scopes.isEmpty { scopes.removeLast() }
  }

  /// The effective level of a declaration at this place.
  private func access(of modifiers: DeclModifierListSyntax) -> AccessScope {
    let written = AccessScope(modifiers) ?? scopes.last?.memberAccess ?? .internal
    return min(written, scopes.last?.access ?? .public)
  }
}

/// Orders all levels of Swift, those that generated code cannot see included.
enum AccessScope: Int, Comparable {
  case `private`, `internal`, package, `public`

  /// The level that the modifiers write, if they do.
  init?(_ modifiers: DeclModifierListSyntax) {
    let levels = modifiers.filter { $0.detail == nil }.compactMap { Self(keyword: $0.name.text) }
    guard let level = levels.first else { return nil }
    self = level
  }

  private init?(keyword: String) {
    switch keyword {
    case "private", "fileprivate": self = .private
    case "internal": self = .internal
    case "package": self = .package
    case "public", "open": self = .public
    default: return nil
    }
  }

  /// The level of generated code, `nil` when it would not see the declaration.
  var level: AccessLevel? {
    switch self {
    case .private: nil
    case .internal: .internal
    case .package: .package
    case .public: .public
    }
  }

  static func < (left: AccessScope, right: AccessScope) -> Bool { left.rawValue < right.rawValue }
}

/// The name without the backticks around it.
func unescaped(_ name: String) -> String {
  name.first == "`" ? String(name.dropFirst().dropLast()) : name
}
