/// Reads JSON and remembers where each value stands, which Foundation's reader does not.
struct JSONReader {
  /// Holds a value and its place.
  struct Value {
    /// The kinds of values that a configuration can hold.
    enum Content {
      case object([Member])
      case array([Value])
      case string(String)
      case other(String)
    }

    var content: Content
    var position: SourcePosition
  }

  /// Holds an entry of an object.
  struct Member {
    var key: String
    var position: SourcePosition
    var value: Value
  }

  /// Says what is not JSON, and where.
  struct Failure: Error {
    var message: String
    var position: SourcePosition
  }

  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var position: SourcePosition

  private init(_ text: String, path: String) {
    scalars = Array(text.unicodeScalars)
    position = SourcePosition(file: path, line: 1, column: 1)
  }

  /// Reads a text that holds one value.
  static func read(_ text: String, path: String) throws(Failure) -> Value {
    var reader = JSONReader(text, path: path)
    let value = try reader.value()
    reader.skipSpaces()
    guard reader.next == nil else { throw reader.failure("unexpected text after the end of the configuration") }
    return value
  }

  private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  private func failure(_ message: String) -> Failure { Failure(message: message, position: position) }

  private mutating func advance() {
    guard let scalar = next else { return }
    index += 1
    if scalar == "\n" {
      position.line += 1
      position.column = 1
    } else {
      position.column += String(scalar).utf8.count
    }
  }

  private mutating func skipSpaces() {
    while let scalar = next, scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t" { advance() }
  }

  /// Skips the scalar if it comes next.
  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard next == scalar else { return false }
    advance()
    return true
  }

  private mutating func value() throws(Failure) -> Value {
    skipSpaces()
    let start = position
    switch next {
    case "{": return Value(content: .object(try members()), position: start)
    case "[": return Value(content: .array(try elements()), position: start)
    case "\"": return Value(content: .string(try string()), position: start)
    default: return Value(content: .other(try literal()), position: start)
    }
  }

  private mutating func members() throws(Failure) -> [Member] {
    advance()
    if take("}") { return [] }
    var members: [Member] = []
    repeat {
      skipSpaces()
      let start = position
      guard next == "\"" else { throw failure("expected a key in quotes") }
      let key = try string()
      guard take(":") else { throw failure("expected ':' after the key '\(key)'") }
      members.append(Member(key: key, position: start, value: try value()))
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return members
  }

  private mutating func elements() throws(Failure) -> [Value] {
    advance()
    if take("]") { return [] }
    var elements: [Value] = []
    repeat { elements.append(try value()) } while take(",")
    guard take("]") else { throw failure("expected ',' or ']'") }
    return elements
  }

  private mutating func string() throws(Failure) -> String {
    let start = position
    advance()
    var text = String.UnicodeScalarView()
    while let scalar = next, scalar != "\"", scalar != "\n" {
      advance()
      text.append(scalar == "\\" ? try escape() : scalar)
    }
    guard next == "\"" else { throw Failure(message: "the string does not end", position: start) }
    advance()
    return String(text)
  }

  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    guard let scalar = next else { throw failure("the escape does not end") }
    advance()
    switch scalar {
    case "\"", "\\", "/": return scalar
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "u":
      var code: UInt32 = 0
      for _ in 0..<4 {
        guard let digit = next.flatMap({ Character($0).hexDigitValue }) else { throw failure("expected a hex digit") }
        code = code * 16 + UInt32(digit)
        advance()
      }
      // No setting needs what lies beyond: half of a pair reads as the replacement character.
      return Unicode.Scalar(code) ?? "\u{FFFD}"
    default: throw failure("unknown escape '\\\(scalar)'")
    }
  }

  private mutating func literal() throws(Failure) -> String {
    let start = position
    var text = ""
    while let scalar = next, scalar.properties.isAlphabetic || "+-.0123456789".unicodeScalars.contains(scalar) {
      text.unicodeScalars.append(scalar)
      advance()
    }
    guard ["true", "false", "null"].contains(text) || Double(text) != nil else {
      throw Failure(message: text.isEmpty ? "expected a value" : "unexpected '\(text)'", position: start)
    }
    return text
  }
}
