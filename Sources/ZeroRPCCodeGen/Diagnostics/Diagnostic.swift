/// Says what is wrong at a place in the user's source, and what to do about it.
public struct Diagnostic: Error, Codable, Sendable, Equatable {
  /// How bad it is.
  public enum Severity: String, Codable, Sendable {
    /// Nothing is generated.
    case error
    /// Code is generated nevertheless.
    case warning
    /// Nothing is wrong.
    case remark
  }

  /// A remark at the same or another place.
  public struct Note: Codable, Sendable, Equatable {
    /// What the remark says.
    public var message: String
    /// Where it belongs.
    public var position: SourcePosition

    /// Creates a remark.
    public init(_ message: String, at position: SourcePosition) {
      self.message = message
      self.position = position
    }
  }

  /// How bad it is.
  public var severity: Severity
  /// What is wrong, as a phrase without a full stop.
  public var message: String
  /// Where it is wrong.
  public var position: SourcePosition
  /// Remarks: related places first, the hint last.
  public var notes: [Note]

  /// Creates a diagnostic.
  ///
  /// - Parameters:
  ///   - message: What is wrong.
  ///   - position: Where.
  ///   - hint: What to do about it; becomes the last note.
  ///   - notes: Related places.
  ///   - severity: How bad it is.
  public init(
    _ message: String, at position: SourcePosition, hint: String? = nil, notes: [Note] = [],
    severity: Severity = .error
  ) {
    self.severity = severity
    self.message = message
    self.position = position
    self.notes = notes + (hint.map { [Note("hint: \($0)", at: position)] } ?? [])
  }
}

extension Diagnostic: CustomStringConvertible {
  /// The lines that a compiler would print: `file:line:column: error: …`, then a `note:` line for each remark.
  public var description: String {
    let lines = ["\(position): \(severity.rawValue): \(message)"] + notes.map { "\($0.position): note: \($0.message)" }
    return lines.joined(separator: "\n")
  }
}

extension Sequence<Diagnostic> {
  /// The diagnostics by file, line and column, without duplicates.
  public func sortedByPosition() -> [Diagnostic] {
    let sorted = sorted { left, right in
      let (one, other) = (left.position, right.position)
      return (one.file, one.line, one.column, left.message) < (other.file, other.line, other.column, right.message)
    }
    return sorted.reduce(into: []) { unique, diagnostic in
      if unique.last != diagnostic { unique.append(diagnostic) }
    }
  }
}
