internal import Foundation
internal import MessagePack

/// Names the objects with one key that stand for values that JSON lacks.
enum JSONMarker: String, CaseIterable {
  /// Bytes: `{"$binary": "AAEC"}`, in base64.
  case binary = "$binary"
  /// A timestamp: `{"$date": "2025-11-21T02:00:00.5Z"}`.
  case date = "$date"
  /// A number that JSON lacks: `{"$double": "NaN"}`, `"Infinity"` or `"-Infinity"`.
  case double = "$double"
  /// An extension type: `{"$ext": [5, "AAEC"]}`, its bytes in base64.
  case ext = "$ext"
  /// A map that is no JSON object, or would be taken for a marker: `{"$map": [[key, value], …]}`.
  case map = "$map"

  // MARK: Writing

  /// Whether a map can be written as a JSON object.
  static func isPlain(_ map: MessagePackMap) -> Bool {
    var keys: Set<String> = []
    for pair in map {
      guard case .string(let key) = pair.key, keys.insert(key).inserted else { return false }
    }
    return !(map.count == 1 && keys.first.flatMap(JSONMarker.init(rawValue:)) != nil)
  }

  /// How a value that JSON lacks is written: the marker, and what stands behind it.
  static func marked(_ value: MessagePackValue) -> (marker: JSONMarker, content: MessagePackValue) {
    switch value {
    case .binary(let bytes): return (.binary, .string(bytes.base64EncodedString()))
    case .double(let number): return (.double, .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"))
    case .ext(let type, let bytes):
      if let timestamp = Timestamp(extensionType: type, bytes), let text = timestamp.text {
        return (.date, .string(text))
      }
      return (.ext, [.int(Int64(type)), .string(bytes.base64EncodedString())])
    case .map(let map): return (.map, .array(map.map { .array([$0.key, $0.value]) }))
    default: return (.map, value)
    }
  }

  // MARK: Reading

  /// The value that an object with this marker stands for.
  func value(of content: MessagePackValue) throws(JSONError) -> MessagePackValue {
    switch (self, content) {
    case (.binary, .string(let text)):
      if let bytes = Data(base64Encoded: text) { return .binary(bytes) }
    case (.date, .string(let text)):
      if let timestamp = Timestamp(text: text) { return timestamp.value }
    case (.double, .string("NaN")): return .double(.nan)
    case (.double, .string("Infinity")): return .double(.infinity)
    case (.double, .string("-Infinity")): return .double(-.infinity)
    case (.ext, .array(let parts)):
      if parts.count == 2, case .int(let number) = parts[0], let type = Int8(exactly: number),
        case .string(let text) = parts[1], let bytes = Data(base64Encoded: text)
      {
        return .ext(type, bytes)
      }
    case (.map, .array(let entries)):
      let pairs = entries.compactMap { entry -> MessagePackMap.Pair? in
        guard case .array(let parts) = entry, parts.count == 2 else { return nil }
        return MessagePackMap.Pair(key: parts[0], value: parts[1])
      }
      if pairs.count == entries.count { return .map(MessagePackMap(pairs)) }
    default: break
    }
    throw .unsendable("\(rawValue) takes \(expectation), as in \(example)")
  }

  private var expectation: String {
    switch self {
    case .binary: "a string in base64"
    case .date: "a time of the years 1583 to 9999 in UTC"
    case .double: "NaN, Infinity or -Infinity in quotes"
    case .ext: "a type from -128 to 127 and a string in base64"
    case .map: "a list of pairs"
    }
  }

  private var example: String {
    switch self {
    case .binary: #"{"$binary": "AAEC"}"#
    case .date: #"{"$date": "2025-11-21T02:00:00.5Z"}"#
    case .double: #"{"$double": "NaN"}"#
    case .ext: #"{"$ext": [5, "AAEC"]}"#
    case .map: #"{"$map": [["key", 1], [7, 2]]}"#
    }
  }
}
