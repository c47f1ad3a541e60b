/// Writes text as a Swift string literal.
package enum StringLiteral {
  /// A literal on one line.
  package static func singleLine(_ text: String) -> String {
    "\"\(text.unicodeScalars.map { escaped($0, keepingQuotes: false) }.joined())\""
  }

  /// The lines of a multi-line literal, delimiters included.
  static func multiLine(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.unicodeScalars.map { escaped($0, keepingQuotes: true) }.joined()
        .split(separator: "\"\"\"", omittingEmptySubsequences: false).joined(separator: "\\\"\"\"")
    }
    return ["\"\"\""] + lines + ["\"\"\""]
  }

  private static func escaped(_ scalar: Unicode.Scalar, keepingQuotes: Bool) -> String {
    switch scalar {
    case "\\": "\\\\"
    case "\"": keepingQuotes ? "\"" : "\\\""
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: isInvisible(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
  }

  /// Whether the scalar would be refused, or would fool the reader: controls, line separators, bidirectional marks.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    case .format: scalar.value != 0x200D  // The joiner of emoji.
    default: false
    }
  }
}
