internal import SwiftSyntax
internal import ZeroRPCCodeGen

/// Reads the comments above a declaration: documentation and directives.
struct CommentReader {
  static let prefix = "zerorpc:"

  let locator: Locator

  /// The text of the doc comment without its slashes and stars.
  func documentation(of node: some SyntaxProtocol) -> String? {
    var lines: [String] = []
    for piece in node.leadingTrivia {
      switch piece {
      case .docLineComment(let text): lines.append(unindented(text.dropFirst(3)))
      case .docBlockComment(let text): lines += blockLines(text)
      default: break
      }
    }
    while lines.first?.isEmpty == true { lines.removeFirst() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  /// The directive comments above a declaration.
  func directives(above node: some SyntaxProtocol) -> [DirectiveComment] {
    directives(in: node.leadingTrivia, from: node.position)
  }

  /// The directive comments in the trivia that begin at the position.
  func directives(in trivia: Trivia, from start: AbsolutePosition) -> [DirectiveComment] {
    var found: [DirectiveComment] = []
    var position = start
    for piece in trivia {
      if case .lineComment(let text) = piece, let body = body(of: text, prefix: "//") {
        let place = AbsolutePosition(utf8Offset: position.utf8Offset + text.utf8.count - body.utf8.count)
        found.append(DirectiveComment(String(body), at: locator.position(at: place)))
      }
      position = AbsolutePosition(utf8Offset: position.utf8Offset + piece.sourceLength.utf8Length)
    }
    return found
  }

  /// The places of comments that were surely meant as directives: `/// zerorpc: idempotent`, `// ZeroRPC: name = "a"`.
  func nearMisses(in trivia: Trivia, from start: AbsolutePosition) -> [ZeroRPCCodeGen.SourcePosition] {
    var found: [ZeroRPCCodeGen.SourcePosition] = []
    var position = start
    for piece in trivia {
      if let text = comment(in: piece), body(of: text, prefix: "//") == nil, isNearMiss(text) {
        found.append(locator.position(at: position))
      }
      position = AbsolutePosition(utf8Offset: position.utf8Offset + piece.sourceLength.utf8Length)
    }
    return found
  }

  private func comment(in piece: TriviaPiece) -> String? {
    switch piece {
    case .lineComment(let text), .docLineComment(let text), .blockComment(let text), .docBlockComment(let text): text
    default: nil
    }
  }

  private func isNearMiss(_ comment: String) -> Bool {
    let text = comment.lowercased().drop { "/*! \t".contains($0) }
    guard text.hasPrefix(Self.prefix) else { return false }
    let rest = text.dropFirst(Self.prefix.count).drop { $0 == " " }
    let word = rest.prefix { $0.isLetter || $0 == "_" }
    return DirectiveComment.knownKeys.contains { $0.lowercased() == word }
  }

  /// What follows `zerorpc:` in a line comment.
  private func body(of comment: String, prefix: String) -> Substring? {
    guard comment.hasPrefix(prefix) else { return nil }
    let text = comment.dropFirst(prefix.count).drop { $0 == " " || $0 == "\t" }
    guard text.hasPrefix(Self.prefix) else { return nil }
    return text.dropFirst(Self.prefix.count).drop { $0 == " " || $0 == "\t" }
  }

  private func unindented(_ line: Substring) -> String {
    trimmed(line.first == " " ? line.dropFirst() : line)
  }

  private func trimmed(_ line: Substring) -> String {
    var line = line
    while line.last?.isWhitespace == true { line.removeLast() }
    return String(line)
  }

  /// The lines of a `/** … */` comment. A star that begins a line, and the indentation that all lines share, are no text.
  private func blockLines(_ comment: String) -> [String] {
    let lines = comment.dropFirst(3).dropLast(2).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let first = lines.first.map { trimmed($0.drop { $0.isWhitespace }) } ?? ""
    let rest = lines.dropFirst().map { line in
      let text = line.drop { $0.isWhitespace }
      return text.first == "*" ? text.dropFirst() : line
    }
    let filled = rest.filter { !$0.allSatisfy(\.isWhitespace) }
    let indentation = filled.map { $0.prefix { $0.isWhitespace }.count }.min() ?? 0
    return [first] + rest.map { trimmed($0.dropFirst(indentation)) }
  }
}
