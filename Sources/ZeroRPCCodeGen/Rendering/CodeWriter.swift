/// Collects lines of generated source at the current indentation.
struct CodeWriter {
  /// The column that signatures are broken at.
  static let lineLength = 120

  private(set) var lines: [String] = []
  private var depth = 0

  /// The whole text with a newline at the end.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// The columns that remain for a line at the current indentation.
  var width: Int { Self.lineLength - 2 * depth }

  /// Adds a line; an empty one is not indented.
  mutating func write(_ line: String = "") {
    lines.append(line.isEmpty ? "" : String(repeating: "  ", count: depth) + line)
  }

  /// Adds lines.
  mutating func write(_ lines: [String]) {
    for line in lines { write(line) }
  }

  /// Adds lines that are indented one step further.
  mutating func indented(_ body: (inout CodeWriter) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// Adds a block: the opening line, an indented body, the closing line.
  mutating func block(_ opening: String, closing: String = "}", _ body: (inout CodeWriter) -> Void) {
    write(opening)
    indented(body)
    write(closing)
  }

  /// Adds a doc comment.
  mutating func writeDocumentation(_ text: String?) {
    guard let text else { return }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      write(line.isEmpty ? "///" : "/// \(line)")
    }
  }

  /// Adds a list between brackets: on one line if it fits, or an element a line.
  ///
  /// - Parameters:
  ///   - opening: What stands before the elements, the opening bracket included.
  ///   - elements: The elements.
  ///   - closing: The closing bracket, and what stands after it.
  mutating func writeList(_ opening: String, _ elements: [String], _ closing: String) {
    for line in brokenList(opening, elements, closing, width: width) { write(line) }
  }
}

/// The lines of a list between brackets: one if it fits, or an element a line.
func brokenList(_ opening: String, _ elements: [String], _ closing: String, width: Int) -> [String] {
  let line = opening + elements.joined(separator: ", ") + closing
  if line.count <= width || elements.isEmpty { return [line] }
  let last = elements.count - 1
  return [opening] + elements.enumerated().map { "  \($1)\($0 < last ? "," : "")" } + [closing]
}
