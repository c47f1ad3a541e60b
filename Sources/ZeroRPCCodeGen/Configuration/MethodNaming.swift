/// Says how Swift base names become names on the wire.
public enum MethodNaming: String, Codable, Sendable, CaseIterable {
  /// `resetAll` travels as `resetAll`.
  case asWritten
  /// `resetAll` travels as `reset_all`.
  case snakeCase = "snake_case"

  /// The name on the wire of a method.
  ///
  /// In snake case a word begins at a capital after a small letter or digit (`addAll`, `utf8Bytes`), and at the last
  /// capital of a run (`fetchURLFor` is `fetch_url_for`).
  public func wireName(for name: String) -> String {
    switch self {
    case .asWritten: name
    case .snakeCase: snakeCased(name)
    }
  }

  private func snakeCased(_ name: String) -> String {
    let characters = Array(name)
    var result = ""
    for (index, character) in characters.enumerated() {
      let previous = index > 0 ? characters[index - 1] : "_"
      let next = index + 1 < characters.count ? characters[index + 1] : "_"
      let endsWord = previous.isLowercase || previous.isNumber
      let endsRun = previous.isUppercase && next.isLowercase
      if character.isUppercase && (endsWord || endsRun) { result.append("_") }
      result += character.lowercased()
    }
    return result
  }
}
