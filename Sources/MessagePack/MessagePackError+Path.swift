extension MessagePackError {
  /// Puts the place of an enclosing value in front of the path.
  ///
  /// - Parameter prefix: A path such as `args[1]` or `items`.
  /// - Returns: The error with the longer path.
  public func prefixed(by prefix: String) -> MessagePackError {
    var error = self
    if path.isEmpty {
      error.path = prefix
    } else if prefix.isEmpty || path.hasPrefix("[") {
      error.path = prefix + path
    } else {
      error.path = "\(prefix).\(path)"
    }
    return error
  }

  /// Puts an array index in front of the path.
  ///
  /// - Parameter index: The index of the element that the error stands in.
  /// - Returns: The error with the longer path.
  public func prefixed(byIndex index: Int) -> MessagePackError {
    prefixed(by: "[\(index)]")
  }

  /// Puts a map key in front of the path.
  ///
  /// - Parameter key: The key of the value that the error stands in. One that is no identifier is quoted: `["a b"]`.
  /// - Returns: The error with the longer path.
  public func prefixed(byKey key: String) -> MessagePackError {
    prefixed(by: Self.pathComponent(forKey: key))
  }

  static func pathComponent(forKey key: String) -> String {
    let isIdentifier =
      !key.isEmpty && key.utf8.count <= 64
      && key.unicodeScalars.allSatisfy { $0 == "_" || $0 == "-" || $0.properties.isAlphabetic || ("0"..."9" ~= $0) }
    return isIdentifier ? key : "[\(excerpt(of: key))]"
  }

  /// Quotes a peer's text, cut to a length that is fit for a log line.
  static func excerpt(of text: String, limit: Int = 40) -> String {
    let start = text.prefix(limit)
    let quoted = String(start).debugDescription
    return start.endIndex == text.endIndex ? quoted : "\(quoted)…"
  }

  /// Renders a coding path as `items[3].price`.
  static func path(of keys: [any CodingKey]) -> String {
    var error = MessagePackError(code: .invalidValue, message: "")
    for key in keys.reversed() {
      if let index = (key as? IndexKey)?.index {
        error = error.prefixed(byIndex: index)
      } else if let index = key.intValue, key.stringValue == "Index \(index)" {
        // The key that the standard library and Foundation use for an array element.
        error = error.prefixed(byIndex: index)
      } else {
        error = error.prefixed(byKey: key.stringValue)
      }
    }
    return error.path
  }
}
