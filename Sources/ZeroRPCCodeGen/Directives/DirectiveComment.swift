/// Holds a `// zerorpc: …` comment.
public struct DirectiveComment: Codable, Sendable, Equatable {
  /// What follows the colon.
  public var text: String
  /// Where `text` begins.
  public var position: SourcePosition

  /// Creates a directive comment.
  public init(_ text: String, at position: SourcePosition) {
    self.text = text
    self.position = position
  }
}

/// Holds one entry of a directive comment: a flag, or a key with its value, or with several.
struct Directive {
  struct Value {
    var text: String
    var isQuoted: Bool
    var position: SourcePosition
  }

  var key: String
  var value: Value?
  /// The values that follow the first: `B` of `throws = A, B`.
  var otherValues: [Value] = []
  var position: SourcePosition
}

extension DirectiveComment {
  /// Takes the comment apart: `name = "reset_all", idempotent`.
  func entries() -> (directives: [Directive], diagnostics: [Diagnostic]) {
    var scanner = DirectiveScanner(comment: self)
    return scanner.scan()
  }
}

private struct DirectiveScanner {
  private let comment: DirectiveComment
  private let bytes: [UInt8]
  private var index = 0

  init(comment: DirectiveComment) {
    self.comment = comment
    bytes = Array(comment.text.utf8)
  }

  mutating func scan() -> (directives: [Directive], diagnostics: [Diagnostic]) {
    var directives: [Directive] = []
    repeat {
      skipSpaces()
      let position = here
      let key = word()
      if let last = directives.indices.last, isOneMoreType(key, of: directives[last]) {
        directives[last].otherValues.append(Directive.Value(text: key, isQuoted: false, position: position))
        skipSpaces()
        continue
      }
      guard !key.isEmpty else { return (directives, [malformed("expected the name of a directive", at: position)]) }
      var directive = Directive(key: key, value: nil, position: position)
      skipSpaces()
      if take("=") {
        skipSpaces()
        guard let value = value() else { return (directives, [malformed("expected a value for '\(key)'", at: here)]) }
        directive.value = value
        skipSpaces()
      }
      directives.append(directive)
    } while take(",")
    guard index == bytes.count else { return (directives, [malformed("expected ',' between directives", at: here)]) }
    return (directives, [])
  }

  /// Whether a word continues `throws = A`: types begin with a capital letter, and directives do not.
  private func isOneMoreType(_ word: String, of directive: Directive) -> Bool {
    directive.key == MethodDirectives.throwing && directive.value != nil && word.first?.isUppercase == true
  }

  private var here: SourcePosition {
    var position = comment.position
    position.column += index
    return position
  }

  private func malformed(_ message: String, at position: SourcePosition) -> Diagnostic {
    Diagnostic(message, at: position, hint: "write `// zerorpc: key = \"value\", flag`")
  }

  private mutating func skipSpaces() {
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") { index += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func word() -> String {
    let start = index
    while index < bytes.count, isWordByte(bytes[index]) { index += 1 }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func value() -> Directive.Value? {
    let position = here
    guard take("\"") else {
      let text = word()
      return text.isEmpty ? nil : Directive.Value(text: text, isQuoted: false, position: position)
    }
    let start = index
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    return take("\"") ? Directive.Value(text: text, isQuoted: true, position: position) : nil
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...:
      true
    default: false
    }
  }
}
