internal import ZeroRPCCodeGen

/// Says which Swift type a peer means by the name of a type.
enum PeerType {
  /// What stands for a value of any type.
  static let any = "MessagePackValue"

  /// The Swift type that takes what documentation calls by the names of Python or JavaScript; nil if it is not known.
  static func swift(_ text: String) -> String? {
    let text = plain(text)
    let alternatives = parts(of: text.split(separator: " or ").joined(separator: "|"), separatedBy: "|")
    if alternatives.count > 1 {
      let others = alternatives.filter { !isNone($0) }
      guard others.count == 1, let type = swift(others[0]) else { return others.isEmpty ? nil : any }
      return others.count < alternatives.count ? optional(type) : type
    }
    if let element = listElement(of: text) { return "[\(element)]" }
    guard let (name, arguments) = generic(text) else { return simple(text) }
    switch name {
    case "list", "List", "Sequence", "Iterable", "set", "Set", "FrozenSet", "frozenset", "Array":
      return arguments.count == 1 ? "[\(swift(arguments[0]) ?? any)]" : nil
    case "dict", "Dict", "Mapping", "MutableMapping", "Map":
      guard arguments.count == 2, swift(arguments[0]) == "String" else { return any }
      return "[String: \(swift(arguments[1]) ?? any)]"
    case "Optional": return arguments.count == 1 ? optional(swift(arguments[0]) ?? any) : nil
    case "Union": return swift(arguments.joined(separator: "|"))
    case "tuple", "Tuple": return "[\(any)]"
    default: return nil
    }
  }

  /// The Swift type of the items if a type is one of Python's for streams: `Iterator[int]`.
  static func streamElement(_ text: String) -> String? {
    let text = plain(text)
    let (name, arguments) = generic(text) ?? (text, [])
    guard ["Iterator", "Generator", "AsyncIterator", "AsyncGenerator", "iterator", "generator"].contains(name) else {
      return nil
    }
    return arguments.first.flatMap(swift) ?? any
  }

  /// Whether documentation says that there is no value.
  static func isNone(_ text: String) -> Bool {
    ["None", "NoneType", "none", "null", "undefined", "void", "nothing", "Nothing"].contains(plain(text))
  }

  /// The type of values that may also be nil.
  static func optional(_ type: String) -> String { type == any || type.hasSuffix("?") ? type : "\(type)?" }

  private static func simple(_ name: String) -> String? {
    switch name {
    case "int", "integer", "Integer", "long": "Int"
    case "float", "double", "number", "Number": "Double"
    case "str", "string", "String", "unicode", "text": "String"
    case "bool", "boolean", "Boolean", "Bool": "Bool"
    case "bytes", "bytearray", "Buffer", "binary": "Data"
    case "list", "List", "tuple", "Tuple", "array", "Array", "set": "[\(any)]"
    case "dict", "Dict", "mapping", "Mapping", "object", "Object", "map": "[String: \(any)]"
    case "Any", "any", "typing.Any", "mixed": any
    default: nil
    }
  }

  /// The element of `list of ints`.
  private static func listElement(of text: String) -> String? {
    for beginning in ["list of ", "array of ", "List of ", "Array of "] where text.hasPrefix(beginning) {
      let element = String(text.dropFirst(beginning.count))
      return swift(element) ?? (element.hasSuffix("s") ? swift(String(element.dropLast())) : nil) ?? any
    }
    return nil
  }

  private static func plain(_ text: String) -> String {
    var text = text.trimmed
    for ending in [", optional", " optional"] where text.hasSuffix(ending) { text.removeLast(ending.count) }
    text = text.split(separator: "`").joined()
    for beginning in [":class:", "~", "typing."] where text.hasPrefix(beginning) {
      text.removeFirst(beginning.count)
    }
    return text.trimmed
  }

  /// The parts of `dict[str, int]`.
  private static func generic(_ text: String) -> (name: String, arguments: [String])? {
    guard text.hasSuffix("]"), let open = text.firstIndex(of: "[") else { return nil }
    let inside = text[text.index(after: open)...].dropLast()
    return (text[..<open].trimmed, parts(of: String(inside), separatedBy: ","))
  }

  private static func parts(of text: String, separatedBy separator: Character) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if character == separator, depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts.map(\.trimmed)
  }

  // MARK: Swift's own

  /// Whether a type that a Swift service tells means the same in every program: it is made of types that everybody has.
  static func isKnown(swift text: String) -> Bool {
    var rest = text[...]
    return takeType(&rest) && rest.isEmpty
  }

  private static func takeType(_ text: inout Substring) -> Bool {
    if take("[", &text) {
      guard takeType(&text) else { return false }
      if take(":", &text), !takeType(&text) { return false }
      guard take("]", &text) else { return false }
    } else {
      let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      text.removeFirst(name.count)
      let unusable: Set<Substring> = ["Void", "RPCStream", "Swift", "ZeroRPC", "Foundation"]
      guard !unusable.contains(name), KnownTypes.standard.union(KnownTypes.foundation).contains(String(name)) else {
        return false
      }
      if take("<", &text) {
        repeat { guard takeType(&text) else { return false } } while take(",", &text)
        guard take(">", &text) else { return false }
      }
    }
    while take("?", &text) {}
    return true
  }

  private static func take(_ character: Character, _ text: inout Substring) -> Bool {
    text = text.drop { $0 == " " }
    guard text.first == character else { return false }
    text.removeFirst()
    text = text.drop { $0 == " " }
    return true
  }

  /// Whether a type needs Foundation.
  static func needsFoundation(_ type: String) -> Bool {
    type.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { KnownTypes.foundation.contains(String($0)) }
  }
}
