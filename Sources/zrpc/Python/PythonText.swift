internal import Foundation
internal import MessagePack

/// Writes values as Python's `repr` does what msgpack for Python makes of them.
enum PythonText {
  /// Writes a value on one line.
  static func repr(_ value: MessagePackValue) -> String {
    switch value {
    case .nil: "None"
    case .bool(let value): value ? "True" : "False"
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value): repr(value)
    case .string(let value): repr(value)
    case .binary(let value): repr(value)
    case .array(let elements): "[\(elements.map { repr($0) }.joined(separator: ", "))]"
    case .map(let map): "{\(entries(of: map).map { "\(repr($0.key)): \(repr($0.value))" }.joined(separator: ", "))}"
    case .ext(let type, let bytes):
      if let time = Timestamp(extensionType: type, bytes) {
        "Timestamp(seconds=\(time.seconds), nanoseconds=\(time.nanoseconds))"
      } else {
        "ExtType(code=\(type), data=\(repr(bytes)))"
      }
    }
  }

  /// Writes a value as `str` does, which for text is the text itself.
  static func str(_ value: MessagePackValue) -> String {
    if case .string(let text) = value { return text }
    return repr(value)
  }

  /// The entries of a map as `pprint` sorts them: bytes before text, as the names of their types are, each by its units. A
  /// key that comes twice has the value that came last.
  static func entries(of map: MessagePackMap) -> [MessagePackMap.Pair] {
    var latest: [MessagePackValue: MessagePackValue] = [:]
    for pair in map { latest[pair.key] = pair.value }
    return latest.map { MessagePackMap.Pair(key: $0, value: $1) }.sorted { precedes($0.key, $1.key) }
  }

  private static func precedes(_ left: MessagePackValue, _ right: MessagePackValue) -> Bool {
    switch (left, right) {
    case (.string(let left), .string(let right)):
      left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
    case (.binary(let left), .binary(let right)): left.lexicographicallyPrecedes(right)
    case (.binary, .string): true
    case (.string, _): false
    case (_, .string), (_, .binary): true
    case (.binary, _): false
    // Python takes no such keys.
    default: repr(left) < repr(right)
    }
  }

  // MARK: Scalars

  /// Writes a number with the fewest digits that give it back; with an exponent below 1e-4 and from 1e16 on.
  static func repr(_ number: Double) -> String {
    guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
    guard number != 0 else { return number.sign == .minus ? "-0.0" : "0.0" }
    // Swift finds the same digits, but puts the point elsewhere.
    let parts = "\(number.magnitude)".split(separator: "e")
    let places = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + places[0].count - 1
    var digits = places.joined()[...]
    while digits.count > 1, digits.first == "0" {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    let sign = number < 0 ? "-" : ""
    func zeros(_ count: Int) -> String { String(repeating: "0", count: max(0, count)) }
    switch exponent {
    case 0..<16:
      let whole = digits.prefix(exponent + 1)
      let fraction = digits.dropFirst(exponent + 1)
      return "\(sign)\(whole)\(zeros(exponent + 1 - whole.count)).\(fraction.isEmpty ? "0" : fraction)"
    case -4..<0: return "\(sign)0.\(zeros(-exponent - 1))\(digits)"
    default:
      let rest = digits.dropFirst()
      let magnitude = String(abs(exponent))
      let padded = zeros(2 - magnitude.count) + magnitude
      return "\(sign)\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e\(exponent < 0 ? "-" : "+")\(padded)"
    }
  }

  /// Writes text in quotes, with escapes for what cannot be seen.
  static func repr(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var result = String.UnicodeScalarView([quote])
    for scalar in scalars {
      switch scalar {
      case "\\", quote: result.append(contentsOf: ["\\", scalar])
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case _ where isPrintable(scalar): result.append(scalar)
      default: result.append(contentsOf: escaped(scalar).unicodeScalars)
      }
    }
    result.append(quote)
    return String(result)
  }

  /// Writes bytes as `b'…'`.
  static func repr(_ bytes: Data) -> String {
    let quote = bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\"")) ? UInt8(ascii: "\"") : 0x27
    var result = "b\(Unicode.Scalar(quote))"
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\\"), quote: result += "\\\(Unicode.Scalar(byte))"
      case 0x09: result += "\\t"
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x20..<0x7F: result.unicodeScalars.append(Unicode.Scalar(byte))
      default: result += "\\x\(digits(UInt32(byte), 2))"
      }
    }
    return result + String(Unicode.Scalar(quote))
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case ..<0x100: "\\x\(digits(scalar.value, 2))"
    case ..<0x10000: "\\u\(digits(scalar.value, 4))"
    default: "\\U\(digits(scalar.value, 8))"
    }
  }

  /// A number in so many hexadecimal digits.
  static func digits(_ number: UInt32, _ count: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  /// What `str.isprintable` says.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }
}
