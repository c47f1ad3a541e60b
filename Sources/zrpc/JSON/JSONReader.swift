internal import MessagePack

extension MessagePackValue {
  /// Reads JSON, with integers exact, the keys of objects in their order, and the objects of ``JSONMarker``.
  ///
  /// - Throws: ``JSONError``.
  init(json text: String) throws(JSONError) {
    var reader = JSONReader(text)
    self = try reader.readDocument()
  }
}

/// Reads one JSON text (RFC 8259).
///
/// Not Foundation's, which gives `1.0` as an integer, loses the order of keys, and rounds integers beyond 53 bits on
/// the way through `NSNumber`: a peer in another language would see the difference.
struct JSONReader {
  /// MessagePack itself does not travel deeper.
  static let maximumDepth = 32

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
  }

  mutating func readDocument() throws(JSONError) -> MessagePackValue {
    let value = try readValue()
    skipSpace()
    guard position == scalars.count else { throw .syntax("something follows the value", at: position) }
    return value
  }

  private mutating func readValue() throws(JSONError) -> MessagePackValue {
    skipSpace()
    switch peek {
    case "{": return try readObject()
    case "[": return .array(try readArray())
    case "\"": return .string(try readString())
    case "-": return try readNumber()
    case let scalar? where Self.isDigit(scalar): return try readNumber()
    case "t": return try readWord("true", as: .bool(true))
    case "f": return try readWord("false", as: .bool(false))
    case "n": return try readWord("null", as: .nil)
    case nil: throw .syntax("the text ends where a value is expected", at: position)
    default: throw .syntax("no value", at: position)
    }
  }

  // MARK: Containers

  private mutating func readArray() throws(JSONError) -> [MessagePackValue] {
    try enter()
    defer { depth -= 1 }
    position += 1
    var elements: [MessagePackValue] = []
    skipSpace()
    if take("]") { return elements }
    repeat {
      elements.append(try readValue())
      skipSpace()
    } while take(",")
    guard take("]") else { throw .syntax("',' or ']' expected", at: position) }
    return elements
  }

  private mutating func readObject() throws(JSONError) -> MessagePackValue {
    try enter()
    defer { depth -= 1 }
    position += 1
    var pairs: [MessagePackMap.Pair] = []
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return .map(MessagePackMap()) }
    repeat {
      skipSpace()
      guard peek == "\"" else { throw .syntax("a key in quotes expected", at: position) }
      let key = try readString()
      guard keys.insert(key).inserted else { throw .unsendable("the key '\(key)' appears twice in an object") }
      skipSpace()
      guard take(":") else { throw .syntax("':' expected", at: position) }
      pairs.append(MessagePackMap.Pair(key: .string(key), value: try readValue()))
      skipSpace()
    } while take(",")
    guard take("}") else { throw .syntax("',' or '}' expected", at: position) }
    if pairs.count == 1, let key = pairs[0].key.stringValue, let marker = JSONMarker(rawValue: key) {
      return try marker.value(of: pairs[0].value)
    }
    return .map(MessagePackMap(pairs))
  }

  private mutating func enter() throws(JSONError) {
    depth += 1
    guard depth <= Self.maximumDepth else {
      throw .unsendable("it is nested deeper than \(Self.maximumDepth) levels")
    }
  }

  // MARK: Scalars

  private mutating func readNumber() throws(JSONError) -> MessagePackValue {
    let start = position
    var isInteger = true
    _ = take("-")
    if !take("0") { try takeDigits() }
    if take(".") {
      isInteger = false
      try takeDigits()
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      try takeDigits()
    }
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars[start..<position])
    if isInteger {
      if let value = Int64(text) { return .int(value) }
      if let value = UInt64(text) { return .uint(value) }
      throw .unsendable("\(text) does not fit 64 bits; write it in quotes, or with an exponent to have it rounded")
    }
    guard let value = Double(text), value.isFinite else {
      throw .unsendable("\(text) is too large for a floating-point number")
    }
    return .double(value)
  }

  private mutating func takeDigits() throws(JSONError) {
    let start = position
    while let scalar = peek, Self.isDigit(scalar) { position += 1 }
    if position == start { throw .syntax("a digit expected", at: position) }
  }

  private mutating func readWord(_ word: String, as value: MessagePackValue) throws(JSONError) -> MessagePackValue {
    for scalar in word.unicodeScalars where !take(scalar) { throw .syntax("no value", at: position) }
    return value
  }

  private mutating func readString() throws(JSONError) -> String {
    var text = String.UnicodeScalarView()
    position += 1
    while let scalar = peek {
      position += 1
      switch scalar {
      case "\"": return String(text)
      case "\\": text.append(try readEscape())
      case _ where scalar.value < 0x20: throw .syntax("a control character in a string", at: position - 1)
      default: text.append(scalar)
      }
    }
    throw .syntax("a string without its closing quote", at: position)
  }

  private mutating func readEscape() throws(JSONError) -> Unicode.Scalar {
    let start = position - 1
    guard let scalar = peek else { throw .syntax("a string without its closing quote", at: position) }
    position += 1
    switch scalar {
    case "\"", "\\", "/": return scalar
    case "b": return "\u{8}"
    case "f": return "\u{c}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      let unit = try readCodeUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // The first half of a pair (RFC 8259, section 7).
      guard (0xd800..<0xdc00).contains(unit), take("\\"), take("u") else {
        throw .syntax("half of a surrogate pair", at: start)
      }
      let second = try readCodeUnit()
      guard (0xdc00..<0xe000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00))
      else { throw .syntax("half of a surrogate pair", at: start) }
      return scalar
    default: throw .syntax("unknown escape", at: start)
    }
  }

  private mutating func readCodeUnit() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = peek.flatMap({ Character($0).hexDigitValue }), peek?.isASCII == true else {
        throw .syntax("four hexadecimal digits expected", at: position)
      }
      unit = unit << 4 + UInt32(digit)
      position += 1
    }
    return unit
  }

  // MARK: Text

  private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while let scalar = peek, scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" { position += 1 }
  }
}
