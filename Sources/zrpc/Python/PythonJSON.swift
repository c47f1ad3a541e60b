internal import MessagePack

/// Writes values as Python's `json.dump` does. What that refuses, such as bytes, is written as the objects of ``JSONMarker``.
enum PythonJSON {
  /// Writes a value on one line, in ASCII.
  static func format(_ value: MessagePackValue) -> String {
    switch value {
    case .nil: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value) where value.isFinite: PythonText.repr(value)
    case .double(let value): value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    case .string(let value): format(value)
    case .array(let elements): "[\(elements.map(format).joined(separator: ", "))]"
    case .map(let map) where JSONMarker.isPlain(map):
      "{\(map.map { "\(format($0.key)): \(format($0.value))" }.joined(separator: ", "))}"
    case .binary, .ext, .map: marked(value)
    }
  }

  private static func marked(_ value: MessagePackValue) -> String {
    let (marker, content) = JSONMarker.marked(value)
    return "{\"\(marker.rawValue)\": \(format(content))}"
  }

  private static func format(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: result += "\\\""
      case 0x5C: result += "\\\\"
      case 0x08: result += "\\b"
      case 0x09: result += "\\t"
      case 0x0A: result += "\\n"
      case 0x0C: result += "\\f"
      case 0x0D: result += "\\r"
      case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      // DEL is ASCII, which Python leaves as it is; a terminal may not.
      default: result += "\\u\(PythonText.digits(UInt32(unit), 4))"
      }
    }
    return result + "\""
  }
}
