internal import MessagePack

extension MessagePackValue {
  /// The value as JSON on one line; what JSON lacks is written as the objects of ``JSONMarker``. Reading it gives the value
  /// back.
  var json: String {
    var text = ""
    writeJSON(to: &text)
    return text
  }

  private func writeJSON(to text: inout String) {
    switch self {
    case .nil: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .uint(let value): text += String(value)
    case .double(let value) where value.isFinite: text += "\(value)"
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements): Self.write(elements, to: &text)
    case .map(let map) where JSONMarker.isPlain(map):
      Self.write(map, between: "{", "}", to: &text) { pair, text in
        pair.key.writeJSON(to: &text)
        text += ": "
        pair.value.writeJSON(to: &text)
      }
    case .double, .binary, .ext, .map:
      let (marker, content) = JSONMarker.marked(self)
      text += "{\"\(marker.rawValue)\": "
      content.writeJSON(to: &text)
      text += "}"
    }
  }

  private static func write(_ elements: [MessagePackValue], to text: inout String) {
    write(elements, between: "[", "]", to: &text) { $0.writeJSON(to: &$1) }
  }

  private static func write<Items: Sequence>(
    _ items: Items, between start: String, _ end: String, to text: inout String,
    item: (Items.Element, inout String) -> Void
  ) {
    text += start
    var isFirst = true
    for element in items {
      if !isFirst { text += ", " }
      isFirst = false
      item(element, &text)
    }
    text += end
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // JSON allows the C1 controls and DEL as they are, but a terminal may obey them.
      case _ where scalar.isTerminalControl:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
