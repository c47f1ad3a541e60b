extension DirectiveComment {
  /// The keys of all directives.
  public static let knownKeys = MethodDirectives.known + ServiceDirectives.known
}

/// Picks values out of directive comments and collects what is wrong with them.
struct DirectiveReader {
  private(set) var diagnostics: [Diagnostic] = []
  private var directives: [String: Directive] = [:]

  init(_ comments: [DirectiveComment], known: [String], onOtherKind: [String], place: String) {
    for comment in comments {
      let (entries, problems) = comment.entries()
      diagnostics += problems
      for directive in entries {
        let key = directive.key
        if let first = directives[key] {
          let note = Diagnostic.Note("the first one is here", at: first.position)
          diagnostics.append(
            Diagnostic("duplicate directive '\(key)'", at: directive.position, hint: "keep one of them", notes: [note]))
        } else if known.contains(key) {
          directives[key] = directive
        } else {
          let belongsElsewhere = onOtherKind.contains(key)
          let guess = suggestion(for: key, among: known).map { "did you mean '\($0)'? " } ?? ""
          let allowed = "directives of \(place): \(list(known))"
          let message =
            belongsElsewhere ? "directive '\(key)' does not apply to \(place)" : "unknown directive '\(key)'"
          diagnostics.append(Diagnostic(message, at: directive.position, hint: guess + allowed))
        }
      }
    }
  }

  mutating func text(of key: String, example: String) -> Directive.Value? {
    guard let directive = directives[key] else { return nil }
    guard let value = directive.value, value.isQuoted, !value.text.isEmpty else {
      refuse(directive, "directive '\(key)' needs a name in quotes", hint: "write `\(key) = \"\(example)\"`")
      return nil
    }
    return value
  }

  /// The types that a directive names, each as `Name` or `Outer.Name`.
  mutating func types(of key: String, example: String) -> [Directive.Value] {
    guard let directive = directives[key] else { return [] }
    let hint = "write `\(key) = \(example)`, with commas between several"
    guard let first = directive.value else {
      refuse(directive, "directive '\(key)' needs a type", hint: hint)
      return []
    }
    var types: [Directive.Value] = []
    for value in [first] + directive.otherValues {
      if value.isQuoted || !Self.isTypeName(value.text) {
        diagnostics.append(Diagnostic("'\(value.text)' is not the name of a type", at: value.position, hint: hint))
      } else if !types.contains(where: { $0.text == value.text }) {
        types.append(value)
      }
    }
    return types
  }

  private static func isTypeName(_ text: String) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.first, first.isLetter || first == "_" else { return false }
      return part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
  }

  mutating func flag(_ key: String) -> Bool { flagPosition(key) != nil }

  /// Where a flag stands; nil if it is not there.
  mutating func flagPosition(_ key: String) -> SourcePosition? {
    guard let directive = directives[key] else { return nil }
    if directive.value != nil { refuse(directive, "directive '\(key)' takes no value", hint: "write `\(key)` alone") }
    return directive.position
  }

  mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(of key: String, as type: Choice.Type) -> Choice?
  {
    guard let directive = directives[key] else { return nil }
    let allowed = type.allCases.map(\.rawValue)
    guard let value = directive.value, let choice = Choice(rawValue: value.text) else {
      refuse(
        directive, "directive '\(key)' must be \(list(allowed, conjunction: "or"))",
        hint: "write `\(key) = \(allowed[0])`")
      return nil
    }
    return choice
  }

  private mutating func refuse(_ directive: Directive, _ message: String, hint: String) {
    diagnostics.append(Diagnostic(message, at: directive.value?.position ?? directive.position, hint: hint))
  }
}
