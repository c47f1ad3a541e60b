/// Reads the text of a type, in the canonical spacing of the parser or as a person wrote it.
struct TypeTextParser {
  private var rest: Substring

  /// The type of a text; unknown when it is a kind of type that no contract describes, such as a tuple.
  static func type(_ text: String) -> ContractType {
    var parser = TypeTextParser(rest: text[...])
    guard let type = parser.type(), parser.isAtEnd else { return .unknown(text) }
    return type
  }

  private var isAtEnd: Bool { rest.allSatisfy(\.isWhitespace) }

  private mutating func take(_ character: Character) -> Bool {
    rest = rest.drop(while: \.isWhitespace)
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func type() -> ContractType? {
    guard var type = take("[") ? bracketed() : take("(") ? parenthesized() : named() else { return nil }
    while take("?") { type = .optional(type) }
    return type
  }

  private mutating func bracketed() -> ContractType? {
    guard let first = type() else { return nil }
    if take("]") { return .array(first) }
    guard take(":"), let value = type(), take("]") else { return nil }
    return .dictionary(key: first, value: value)
  }

  private mutating func parenthesized() -> ContractType? {
    guard let inner = type(), take(")") else { return nil }
    return inner
  }

  private mutating func named() -> ContractType? {
    var parts: [String] = []
    var arguments: [ContractType] = []
    repeat {
      guard let word = word(), arguments.isEmpty else { return nil }
      parts.append(word)
      guard take("<") else { continue }
      repeat {
        guard let argument = type() else { return nil }
        arguments.append(argument)
      } while take(",")
      guard take(">") else { return nil }
    } while take(".")
    return sugared(parts.joined(separator: "."), arguments)
  }

  private mutating func word() -> String? {
    rest = rest.drop(while: \.isWhitespace)
    let isQuoted = take("`")
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard let first = word.first, first.isLetter || first == "_" else { return nil }
    rest.removeFirst(word.count)
    if isQuoted && !take("`") { return nil }
    let text = String(word)
    return ["any", "some", "inout"].contains(text) && !isQuoted ? nil : text
  }

  /// One form for what Swift can write in two ways.
  private func sugared(_ name: String, _ arguments: [ContractType]) -> ContractType {
    let plain = name.hasPrefix("Swift.") ? String(name.dropFirst("Swift.".count)) : name
    switch (plain, arguments.count) {
    case ("Optional", 1): return .optional(arguments[0])
    case ("Array", 1), ("ContiguousArray", 1): return .array(arguments[0])
    case ("Dictionary", 2): return .dictionary(key: arguments[0], value: arguments[1])
    default: return .named(name, arguments: arguments)
    }
  }
}
