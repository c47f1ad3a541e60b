/// Names the kinds of values that MessagePack knows. The specification closes the set.
public enum MessagePackKind: String, Sendable, Hashable, CaseIterable {
  /// No value.
  case `nil`
  /// True or false.
  case bool
  /// A whole number between -2^63 and 2^64 - 1.
  case integer
  /// A floating-point number of 32 or 64 bits.
  case double
  /// A string.
  case string
  /// Bytes.
  case binary
  /// A list of values.
  case array
  /// A list of key and value pairs.
  case map
  /// Bytes with a type number that applications define.
  case `extension`
}
