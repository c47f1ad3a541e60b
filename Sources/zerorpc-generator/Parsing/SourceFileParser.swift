internal import SwiftParser
internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Parses a source file into plain models. Everything that knows of swift-syntax stands in this folder.
struct SourceFileParser {
  /// Parses the text of a file.
  ///
  /// - Parameters:
  ///   - source: The text.
  ///   - path: The path that diagnostics name.
  ///   - includingTypes: Whether to read how types are declared, which only contracts need.
  static func parse(_ source: String, path: String, includingTypes: Bool) -> SourceFileModel {
    let tree = Parser.parse(source: source)
    let locator = Locator(path: path, tree: tree)
    let collector = DeclarationCollector(locator: locator)
    collector.walk(tree)
    var directives = DirectiveCollector(locator: locator, claimed: collector.claimedDirectives)
    let types = TypeDeclarationCollector(locator: locator)
    if includingTypes { types.walk(tree) }
    return SourceFileModel(
      path: path, imports: ImportCollector.imports(of: tree), protocols: collector.protocols,
      typeNames: collector.typeNames, types: types.types, diagnostics: directives.unclaimed(in: tree, source: source))
  }
}

/// Finds the places of syntax nodes.
struct Locator {
  private let path: String
  private let converter: SourceLocationConverter

  init(path: String, tree: SourceFileSyntax) {
    self.path = path
    converter = SourceLocationConverter(fileName: path, tree: tree)
  }

  /// The place of a node's first token.
  func position(of node: some SyntaxProtocol) -> ZeroRPCCodeGen.SourcePosition {
    position(at: node.positionAfterSkippingLeadingTrivia)
  }

  /// The place of an offset in the file.
  func position(at position: AbsolutePosition) -> ZeroRPCCodeGen.SourcePosition {
    let location = converter.location(for: position)
    return ZeroRPCCodeGen.SourcePosition(file: path, line: location.line, column: location.column)
  }
}
