extension MessagePackView {
  /// Makes the error for a value of another type than the one that was asked for.
  ///
  /// - Parameters:
  ///   - expected: What was asked for, as in `Int`.
  ///   - advice: What the sender should do, as in `send a whole number`.
  /// - Returns: An error of code `typeMismatch` that says what was found instead.
  @inline(never)
  public func mismatch(expected: String, advice: String) -> MessagePackError {
    MessagePackError(code: .typeMismatch, message: "expected \(expected), found \(summary); \(advice)")
  }

  /// Describes the value in a few words, fit for an error text: a peer's long string is cut.
  public var summary: String {
    switch kind {
    case .nil: return "nil"
    case .bool: return boolValue == true ? "true" : "false"
    case .integer:
      if let value = int64Value { return "integer \(value)" }
      return "integer \(uint64Value ?? 0)"
    case .double: return "double \(doubleValue ?? 0)"
    case .string:
      guard let text = stringValue else { return "a string that is not UTF-8" }
      return "string \(MessagePackError.excerpt(of: text))"
    case .binary: return "\(textBytes?.count ?? 0) bytes of binary"
    case .array: return "an array of \(count)"
    case .map: return "a map of \(count)"
    case .extension: return withExtension { "\($1.count) bytes of extension type \($0)" } ?? "an extension"
    }
  }
}
