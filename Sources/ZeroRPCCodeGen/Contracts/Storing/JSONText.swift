/// Writes JSON in one way only: members in the given order, an element a line, small objects on one line.
indirect enum JSONText {
  case null
  case bool(Bool)
  case number(Int)
  case string(String)
  case array([JSONText])
  /// An object with a member a line.
  case object([(String, JSONText)])
  /// An object or a list on one line.
  case line(JSONText)

  /// The text with a newline at the end.
  var text: String { lines().joined(separator: "\n") + "\n" }

  private func lines() -> [String] {
    switch self {
    case .null, .bool, .number, .string, .line: [inline]
    case .array(let elements): block("[", elements.map { $0.lines() }, "]")
    case .object(let members):
      block(
        "{",
        members.map { key, value in
          var lines = value.lines()
          lines[0] = "\(Self.quoted(key)): \(lines[0])"
          return lines
        }, "}")
    }
  }

  private func block(_ opening: String, _ items: [[String]], _ closing: String) -> [String] {
    if items.isEmpty { return [opening + closing] }
    let body = items.enumerated().flatMap { index, lines in
      let separated = index < items.count - 1 ? lines.dropLast() + [(lines.last ?? "") + ","] : lines
      return separated.map { "  \($0)" }
    }
    return [opening] + body + [closing]
  }

  private var inline: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .number(let value): return "\(value)"
    case .string(let text): return Self.quoted(text)
    case .line(let inner): return inner.inline
    case .array(let elements): return "[\(elements.map(\.inline).joined(separator: ", "))]"
    case .object(let members):
      let texts = members.map { "\(Self.quoted($0.0)): \($0.1.inline)" }
      return texts.isEmpty ? "{}" : "{ \(texts.joined(separator: ", ")) }"
    }
  }

  static func quoted(_ text: String) -> String {
    "\"\(text.unicodeScalars.map(escaped).joined())\""
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\": return "\\\\"
    case "\"": return "\\\""
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default:
      guard scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029 else {
        return String(scalar)
      }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}
