internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Reads the imports of a source file, those in `#if` included.
enum ImportCollector {
  static func imports(of tree: SourceFileSyntax) -> [ImportModel] {
    tree.statements.compactMap { statement in
      if let declaration = statement.item.as(ImportDeclSyntax.self) { return .single(single(declaration)) }
      guard let block = statement.item.as(IfConfigDeclSyntax.self) else { return nil }
      let (lines, modules) = conditional(block, indentation: "")
      return modules.isEmpty ? nil : .conditional(lines: lines, modules: modules)
    }
  }

  private static func single(_ declaration: ImportDeclSyntax) -> SingleImport {
    let kind = declaration.importKindSpecifier.map { "\($0.text) " } ?? ""
    return SingleImport(
      attributes: declaration.attributes.map(\.canonicalText),
      access: declaration.modifiers.first?.name.text,
      path: kind + declaration.path.canonicalText)
  }

  /// The block with nothing but its imports.
  private static func conditional(
    _ block: IfConfigDeclSyntax, indentation: String
  ) -> (lines: [String], modules: [String]) {
    var lines: [String] = []
    var modules: [String] = []
    for clause in block.clauses {
      let condition = clause.condition.map { " \($0.trimmedDescription)" } ?? ""
      lines.append(indentation + clause.poundKeyword.text + condition)
      guard case .statements(let statements) = clause.elements else { continue }
      for statement in statements {
        if let declaration = statement.item.as(ImportDeclSyntax.self) {
          let single = single(declaration)
          lines.append("\(indentation)  \(single.text)")
          modules.append(single.module)
        } else if let inner = statement.item.as(IfConfigDeclSyntax.self) {
          let nested = conditional(inner, indentation: indentation + "  ")
          if !nested.modules.isEmpty { lines += nested.lines }
          modules += nested.modules
        }
      }
    }
    return (lines + [indentation + "#endif"], modules)
  }
}
