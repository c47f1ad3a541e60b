/// Names a place in a source file, counted as the compiler counts.
public struct SourcePosition: Codable, Sendable, Hashable {
  /// The path of the file, as the tool was given it.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column in UTF-8 bytes, from 1.
  public var column: Int

  /// Creates a position.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }
}

extension SourcePosition: CustomStringConvertible {
  /// `file:line:column`, the form that compilers print and editors link.
  public var description: String { "\(file):\(line):\(column)" }
}
