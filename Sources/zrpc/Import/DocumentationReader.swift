/// Takes a docstring apart: Sphinx's fields (`:param x:`), and the sections of Google's and NumPy's styles.
struct DocumentationReader {
  /// Holds what is said about a parameter, or about what is returned.
  struct Entry: Equatable {
    var name: String
    /// The type as it is written there.
    var type: String?
    var text: String
  }

  /// The lines that are about nothing in particular.
  private(set) var body: [String] = []
  private(set) var parameters: [Entry] = []
  private(set) var result: Entry?
  /// What each item of a stream is.
  private(set) var item: Entry?

  private enum Section { case parameters, result, item }

  init(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    while let line = lines.popFirst() {
      if let field = Self.field(line) {
        take(field, continued: Self.takeIndented(&lines))
      } else if let section = Self.googleSection(line), lines.first.map(Self.indentation) ?? 0 > 0 {
        take(section, Self.takeIndented(&lines))
      } else if let section = Self.section(named: line.trimmed), let rule = lines.first?.trimmed, rule.count > 2,
        rule.allSatisfy({ $0 == "-" })
      {
        lines.removeFirst()
        takeNumPy(section, &lines)
      } else {
        body.append(line)
      }
    }
    while body.last?.isEmpty == true { body.removeLast() }
    // Where a section stood there may be two empty lines now.
    body = body.enumerated().filter { $0 == 0 || !($1.isEmpty && body[$0 - 1].isEmpty) }.map(\.element)
  }

  /// Whether it says that the method streams, by a section or in words.
  var saysStream: Bool {
    if item != nil { return true }
    if let type = result?.type, PeerType.streamElement(type) != nil { return true }
    let words = (body + [result?.text ?? ""]).joined(separator: " ").lowercased().split { !$0.isLetter }
    let telling: Set<Substring> = [
      "stream", "streams", "streaming", "streamed", "yield", "yields", "generator", "iterator",
    ]
    return words.contains(where: telling.contains)
  }

  // MARK: Sphinx

  private static func field(_ line: String) -> (words: [String], text: String)? {
    guard line.hasPrefix(":"), let end = line.dropFirst().firstIndex(of: ":") else { return nil }
    let words = line[line.index(after: line.startIndex)..<end].split(separator: " ").map(String.init)
    let known: Set<String> = [
      "param", "parameter", "arg", "argument", "type", "return", "returns", "rtype", "yield", "yields", "ytype",
    ]
    guard let kind = words.first, known.contains(kind) else { return nil }
    return (words, String(line[line.index(after: end)...]).trimmed)
  }

  private mutating func take(_ field: (words: [String], text: String), continued: [String]) {
    let text = ([field.text] + continued.map(\.trimmed)).filter { !$0.isEmpty }.joined(separator: " ")
    let name = field.words.count > 1 ? field.words[field.words.count - 1] : ""
    switch field.words[0] {
    case "type":
      change(parameter: name) { $0.type = text }
    case "return", "returns":
      result = Entry(name: "", type: result?.type, text: text)
    case "rtype":
      result = Entry(name: "", type: text, text: result?.text ?? "")
    case "yield", "yields":
      item = Entry(name: "", type: item?.type, text: text)
    case "ytype":
      item = Entry(name: "", type: text, text: item?.text ?? "")
    default:
      let type = field.words.dropFirst().dropLast().joined(separator: " ")
      change(parameter: name) { entry in
        entry.text = text
        if !type.isEmpty { entry.type = type }
      }
    }
  }

  private mutating func change(parameter name: String, _ edit: (inout Entry) -> Void) {
    guard !name.isEmpty else { return }
    let index = parameters.firstIndex { $0.name == name } ?? parameters.endIndex
    if index == parameters.endIndex { parameters.append(Entry(name: name, type: nil, text: "")) }
    edit(&parameters[index])
  }

  // MARK: Sections

  private static func section(named name: String) -> Section? {
    switch name {
    case "Args", "Arguments", "Parameters", "Params": .parameters
    case "Returns", "Return": .result
    case "Yields", "Yield": .item
    default: nil
    }
  }

  private static func googleSection(_ line: String) -> Section? {
    let title = line.trimmed
    guard title.hasSuffix(":") else { return nil }
    return section(named: String(title.dropLast()))
  }

  private mutating func take(_ section: Section, _ lines: [String]) {
    let base = lines.filter { !$0.isEmpty }.map(Self.indentation).min() ?? 0
    var entries: [String] = []
    for line in lines where !line.trimmed.isEmpty {
      if section == .parameters && Self.indentation(line) == base || entries.isEmpty {
        entries.append(line.trimmed)
      } else {
        entries[entries.count - 1] += " \(line.trimmed)"
      }
    }
    switch section {
    case .parameters:
      for entry in entries {
        let (head, text) = Self.splitAtColon(entry)
        let name = head.prefix { $0 != "(" }.trimmed
        guard Self.isName(name) else { continue }
        let type = head.dropFirst(head.prefix { $0 != "(" }.count).dropFirst().dropLast()
        change(parameter: name) { $0 = Entry(name: name, type: type.isEmpty ? nil : String(type), text: text) }
      }
    case .result: result = entries.first.map(Self.answer)
    case .item: item = entries.first.map(Self.answer)
    }
  }

  /// Reads `int: The sum`, or a text without a type.
  private static func answer(_ entry: String) -> Entry {
    let (head, text) = splitAtColon(entry)
    if PeerType.swift(head) != nil || PeerType.isNone(head) { return Entry(name: "", type: head, text: text) }
    return Entry(name: "", type: nil, text: entry)
  }

  private mutating func takeNumPy(_ section: Section, _ lines: inout ArraySlice<String>) {
    while let line = lines.first, !line.isEmpty, Self.indentation(line) == 0 {
      lines.removeFirst()
      let text = Self.takeIndented(&lines).map(\.trimmed).filter { !$0.isEmpty }.joined(separator: " ")
      let parts = line.split(separator: ":", maxSplits: 1).map(\.trimmed)
      let name = parts.count > 1 ? parts[0] : ""
      let type = parts.last
      switch section {
      case .parameters:
        let name = parts.first ?? ""
        guard Self.isName(name) else { continue }
        change(parameter: name) { $0 = Entry(name: name, type: parts.count > 1 ? parts[1] : nil, text: text) }
      case .result: result = Entry(name: name, type: type, text: text)
      case .item: item = Entry(name: name, type: type, text: text)
      }
    }
  }

  // MARK: Lines

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  private static func splitAtColon(_ text: String) -> (String, String) {
    // The colon of `dict[str: int]` or `(a: b)` is none.
    var depth = 0
    for index in text.indices {
      switch text[index] {
      case "(", "[": depth += 1
      case ")", "]": depth -= 1
      case ":" where depth == 0: return (text[..<index].trimmed, text[text.index(after: index)...].trimmed)
      default: break
      }
    }
    return (text, "")
  }

  private static func indentation(_ line: String) -> Int { line.prefix { $0 == " " || $0 == "\t" }.count }

  /// Takes the lines that are indented, and the empty ones between them.
  private static func takeIndented(_ lines: inout ArraySlice<String>) -> [String] {
    var taken: [String] = []
    while let line = lines.first, line.isEmpty || indentation(line) > 0 {
      if line.isEmpty, !(lines.dropFirst().first { !$0.isEmpty }.map { indentation($0) > 0 } ?? false) { break }
      taken.append(line)
      lines.removeFirst()
    }
    return taken
  }
}

extension StringProtocol {
  /// The text without the space around it.
  var trimmed: String { String(drop { $0.isWhitespace }.trimmingSuffix(while: \.isWhitespace)) }
}
