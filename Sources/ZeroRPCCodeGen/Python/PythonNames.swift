/// Finds names that Python and the generated module allow.
enum PythonNames {
  private static let keywords: Set<String> = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or",
    "pass", "raise", "return", "try", "while", "with", "yield",
  ]
  /// What the module imports, and annotations mention.
  private static let imported: Set<String> = [
    "Any", "Enum", "Iterator", "TracebackType", "UUID", "builtins", "dataclass", "datetime", "msgpack", "timezone",
    "zerorpc",
  ]
  /// Types that annotations mention, which members may be named as: `list` is a likely name of a method.
  static let builtins: Set<String> = ["bool", "bytes", "dict", "float", "int", "list", "set", "str", "type"]

  /// The name as an identifier, different from others.
  static func identifier(_ name: String, avoiding others: Set<String> = []) -> String {
    var text = String(String.UnicodeScalarView(name.unicodeScalars.map { isPart($0) ? $0 : "_" }))
    if text.isEmpty || text.first?.isNumber == true { text = "_\(text)" }
    // A name with two underscores in front would be mangled in a class.
    while text.hasPrefix("__") { text.removeFirst() }
    while keywords.contains(text) || imported.contains(text) || others.contains(text) { text += "_" }
    return text
  }

  private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isXIDContinue
  }

  /// The names of the generated classes by the names of the types: `SamplePart` for `Sample.Part`.
  static func classes(for types: [String], avoiding others: Set<String>) -> [String: String] {
    var taken = others
    var names: [String: String] = [:]
    for type in types.sorted(by: { ($0.count, $0) < ($1.count, $1) }) {
      let name = identifier(type.split(separator: ".").joined(), avoiding: taken.union(builtins))
      taken.insert(name)
      names[type] = name
    }
    return names
  }

  /// The name of the module of a service: `api_users_client` for `API.Users`.
  static func module(of service: String) -> String {
    let words = service.split(separator: ".").map { MethodNaming.snakeCase.wireName(for: String($0)) }
    return identifier(words.joined(separator: "_")) + "_client"
  }
}
