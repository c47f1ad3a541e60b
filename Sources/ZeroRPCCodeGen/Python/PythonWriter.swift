/// Collects lines of a Python module, or of its stub.
struct PythonWriter {
  static let lineLength = 100

  /// Whether bodies are left out: type checkers read the stub.
  let isStub: Bool
  private var lines: [String] = []
  private var depth = 0

  init(isStub: Bool) { self.isStub = isStub }

  /// The whole text with a newline at the end.
  var text: String { lines.joined(separator: "\n") + "\n" }

  mutating func write(_ line: String = "") {
    lines.append(line.isEmpty ? "" : String(repeating: "    ", count: depth) + line)
  }

  mutating func indented(_ body: (inout PythonWriter) -> Void) {
    depth += 1
    body(&self)
    depth -= 1
  }

  /// Adds a documentation string.
  mutating func writeDocumentation(_ text: String) {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"\"\"", with: "\\\"\\\"\\\"")
    var lines = escaped.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // A quote would end the string early, together with those behind it.
    if lines.count == 1, let line = lines.first {
      return write("\"\"\"\(line)\(line.hasSuffix("\"") ? " " : "")\"\"\"")
    }
    lines[0] = "\"\"\"\(lines[0])"
    for line in lines { write(line) }
    write("\"\"\"")
  }

  /// Adds a function.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - parameters: Its parameters, `self` included.
  ///   - result: The annotation of its result.
  ///   - documentation: Its documentation string.
  ///   - body: Its statements.
  mutating func writeFunction(
    _ name: String, _ parameters: [String], result: String, documentation: String? = nil,
    body: (inout PythonWriter) -> Void
  ) {
    let opening = "def \(name)("
    let closing = ") -> \(result):"
    let isEmpty = isStub && documentation == nil
    let end = isEmpty ? "\(closing) ..." : closing
    let line = opening + parameters.joined(separator: ", ") + end
    if line.count + 4 * depth <= Self.lineLength {
      write(line)
    } else {
      write(opening)
      indented { for parameter in parameters { $0.write("\(parameter),") } }
      write(end)
    }
    if isEmpty { return }
    indented { writer in
      if let documentation { writer.writeDocumentation(documentation) }
      if writer.isStub { writer.write("...") } else { body(&writer) }
    }
  }
}
