/// Writes names where Swift's grammar would take them for something else.
package enum Identifier {
  /// Words that cannot be used as a name without backticks. Those of the last line can, but not everywhere.
  private static let keywords: Set<String> = [
    "Any", "Self", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit",
    "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import",
    "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol",
    "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super", "switch", "throw",
    "throws", "true", "try", "typealias", "var", "where", "while",
    "any", "await", "borrow", "consume", "copy", "discard", "each", "some", "unsafe", "yield",
  ]
  private static let labelKeywords: Set<String> = ["inout", "let", "var"]

  /// The name as a declaration or an expression.
  package static func name(_ name: String) -> String {
    keywords.contains(name) || !isPlain(name) ? "`\(name)`" : name
  }

  /// The name as an argument label.
  package static func label(_ label: String) -> String {
    labelKeywords.contains(label) || !isPlain(label) ? "`\(label)`" : label
  }

  /// The name, or the name with as many underscores as make it different from all others.
  package static func unique(_ name: String, avoiding others: Set<String>) -> String {
    others.contains(name) ? unique(name + "_", avoiding: others) : name
  }

  private static func isPlain(_ name: String) -> Bool {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, first == "_" || first.properties.isXIDStart || !first.isASCII else { return false }
    return scalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue || !$0.isASCII }
  }
}
