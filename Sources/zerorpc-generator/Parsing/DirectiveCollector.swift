internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Finds directives that stand where nothing reads them. A directive that is silently ignored would be worse than none.
struct DirectiveCollector {
  private let locator: Locator
  private let claimed: Set<ZeroRPCCodeGen.SourcePosition>
  private var diagnostics: [Diagnostic] = []

  init(locator: Locator, claimed: Set<ZeroRPCCodeGen.SourcePosition>) {
    self.locator = locator
    self.claimed = claimed
  }

  /// The directives of the file that no declaration has claimed.
  mutating func unclaimed(in tree: SourceFileSyntax, source: String) -> [Diagnostic] {
    guard source.lowercased().contains(CommentReader.prefix) else { return [] }
    for token in tree.tokens(viewMode: .sourceAccurate) {
      check(token.leadingTrivia, from: token.position)
      check(token.trailingTrivia, from: token.endPositionBeforeTrailingTrivia)
    }
    return diagnostics
  }

  private mutating func check(_ trivia: Trivia, from start: AbsolutePosition) {
    let reader = CommentReader(locator: locator)
    for directive in reader.directives(in: trivia, from: start) where !claimed.contains(directive.position) {
      diagnostics.append(
        Diagnostic(
          "directive stands above neither a service protocol nor a requirement", at: directive.position,
          hint: "put it on a line of its own directly above the 'protocol' or 'func' that it is for"))
    }
    for position in reader.nearMisses(in: trivia, from: start) {
      diagnostics.append(
        Diagnostic(
          "this comment looks like a directive but is none", at: position,
          hint: "write two slashes and 'zerorpc:' in small letters: `// zerorpc: key = \"value\", flag`"))
    }
  }
}
