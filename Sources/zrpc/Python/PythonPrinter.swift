internal import Foundation
internal import MessagePack

/// Writes values as Python's `pprint` does: on one line if it has room in 80 columns, else with an item a line.
struct PythonPrinter {
  private static let width = 80
  private var text = ""

  /// Writes a value, without a line feed at its end.
  static func format(_ value: MessagePackValue) -> String {
    var printer = PythonPrinter()
    printer.write(value, indentation: 0, allowance: 0, level: 0)
    return printer.text
  }

  /// Writes a value that begins at a column, and behind which so many characters follow on the same line.
  private mutating func write(_ value: MessagePackValue, indentation: Int, allowance: Int, level: Int) {
    let line = PythonText.repr(value)
    guard line.unicodeScalars.count > Self.width - indentation - allowance else {
      text += line
      return
    }
    switch value {
    case .array(let elements): write(elements, indentation, allowance, level + 1)
    case .map(let map): write(map, indentation, allowance, level + 1)
    case .string(let string): write(string, line, indentation, allowance, isOutermost: level == 0)
    case .binary(let bytes): write(bytes, line, indentation, allowance, isOutermost: level == 0)
    default: text += line
    }
  }

  private mutating func write(_ elements: [MessagePackValue], _ indentation: Int, _ allowance: Int, _ level: Int) {
    text += "["
    for (index, element) in elements.enumerated() {
      if index > 0 { startLine(indentation + 1, after: ",") }
      let isLast = index == elements.count - 1
      write(element, indentation: indentation + 1, allowance: isLast ? allowance + 1 : 1, level: level)
    }
    text += "]"
  }

  private mutating func write(_ map: MessagePackMap, _ indentation: Int, _ allowance: Int, _ level: Int) {
    text += "{"
    let entries = PythonText.entries(of: map)
    for (index, entry) in entries.enumerated() {
      if index > 0 { startLine(indentation + 1, after: ",") }
      let key = PythonText.repr(entry.key)
      text += "\(key): "
      let isLast = index == entries.count - 1
      write(
        entry.value, indentation: indentation + 1 + key.unicodeScalars.count + 2,
        allowance: isLast ? allowance + 1 : 1, level: level)
    }
    text += "}"
  }

  private mutating func startLine(_ indentation: Int, after separator: String = "") {
    text += "\(separator)\n\(String(repeating: " ", count: indentation))"
  }

  // MARK: Text and bytes

  /// Breaks text behind its line feeds and then between words, into literals that Python would put together again.
  private mutating func write(
    _ string: String, _ line: String, _ indentation: Int, _ allowance: Int, isOutermost: Bool
  ) {
    let indentation = isOutermost ? indentation + 1 : indentation
    let allowance = isOutermost ? allowance + 1 : allowance
    let width = Self.width - indentation
    var chunks: [String] = []
    let lines = Self.lines(of: string)
    for (index, part) in lines.enumerated() {
      let isLast = index == lines.count - 1
      let literal = PythonText.repr(part)
      if literal.unicodeScalars.count <= (isLast ? width - allowance : width) {
        chunks.append(literal)
      } else {
        chunks += Self.chunks(ofWords: Self.words(of: part), width: width, allowance: isLast ? allowance : 0)
      }
    }
    guard chunks.count != 1 else {
      text += line
      return
    }
    if isOutermost { text += "(" }
    for (index, chunk) in chunks.enumerated() {
      if index > 0 { startLine(indentation) }
      text += chunk
    }
    if isOutermost { text += ")" }
  }

  private static func chunks(ofWords words: [String], width: Int, allowance: Int) -> [String] {
    var chunks: [String] = []
    var current = ""
    for (index, word) in words.enumerated() {
      let candidate = current + word
      let room = index == words.count - 1 ? width - allowance : width
      if PythonText.repr(candidate).unicodeScalars.count > room {
        if !current.isEmpty { chunks.append(PythonText.repr(current)) }
        current = word
      } else {
        current = candidate
      }
    }
    if !current.isEmpty { chunks.append(PythonText.repr(current)) }
    return chunks
  }

  private mutating func write(_ bytes: Data, _ line: String, _ indentation: Int, _ allowance: Int, isOutermost: Bool) {
    guard bytes.count > 4 else {
      text += line
      return
    }
    let indentation = isOutermost ? indentation + 1 : indentation
    let allowance = isOutermost ? allowance + 1 : allowance
    var width = Self.width - indentation
    if isOutermost { text += "(" }
    var isFirst = true
    var current = Data()
    func flush(_ printer: inout PythonPrinter) {
      if current.isEmpty { return }
      if !isFirst { printer.startLine(indentation) }
      isFirst = false
      printer.text += PythonText.repr(current)
    }
    let bytes = Data(bytes)
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let part = bytes[start..<min(start + 4, bytes.count)]
      if start == bytes.count / 4 * 4 { width -= allowance }
      if PythonText.repr(current + part).utf8.count > width {
        flush(&self)
        current = Data(part)
      } else {
        current += part
      }
    }
    flush(&self)
    if isOutermost { text += ")" }
  }

  /// The lines of a text with what ends them, as `splitlines(True)` has them.
  private static func lines(of text: String) -> [String] {
    var lines: [String] = []
    var current = String.UnicodeScalarView()
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      current.append(scalar)
      switch scalar.value {
      case 0x0D where index + 1 < scalars.count && scalars[index + 1] == "\n": continue
      case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
        lines.append(String(current))
        current = String.UnicodeScalarView()
      default: continue
      }
    }
    if !current.isEmpty { lines.append(String(current)) }
    return lines
  }

  /// The words of a line, each with the space behind it.
  private static func words(of line: String) -> [String] {
    var words: [String] = []
    var current = String.UnicodeScalarView()
    var endsInSpace = false
    for scalar in line.unicodeScalars {
      let isSpace = isSpace(scalar)
      if endsInSpace, !isSpace {
        words.append(String(current))
        current = String.UnicodeScalarView()
      }
      current.append(scalar)
      endsInSpace = isSpace
    }
    if !current.isEmpty { words.append(String(current)) }
    return words
  }

  /// What `str.isspace` says.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
