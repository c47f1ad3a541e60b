internal import SwiftSyntax

extension SyntaxProtocol {
  /// The node's text on one line: comments dropped, spaces as a person would set them.
  var canonicalText: String {
    var text = ""
    var previous: TokenSyntax?
    for token in tokens(viewMode: .sourceAccurate) {
      if let previous, needsSpace(between: previous, and: token) { text += " " }
      text += token.text
      previous = token
    }
    return text
  }
}

private let opening: Set<String> = ["(", "[", "<", "@", "~", "."]
private let closing: Set<String> = [")", "]", ">", ",", ":", "?", "!", "."]

private func needsSpace(between left: TokenSyntax, and right: TokenSyntax) -> Bool {
  if opening.contains(left.text) || closing.contains(right.text) { return false }
  if left.text == "," || left.text == ":" { return true }
  // Trivia is white space and comments: where the author had some, the tokens are words.
  return left.trailingTriviaLength.utf8Length > 0 || right.leadingTriviaLength.utf8Length > 0
}
