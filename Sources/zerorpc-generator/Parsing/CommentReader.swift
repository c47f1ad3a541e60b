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

  /// What follows `zerorpc:` in a comment.
  func body(of comment: String, prefix: String) -> Substring? {
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
