/// Says why a text is no JSON that can be sent.
struct JSONError: Error, Equatable, CustomStringConvertible {
  /// Whether the text is not JSON at all; otherwise it is, but means something that cannot be sent.
  let isSyntax: Bool
  let message: String

  var description: String { message }

  static func syntax(_ message: String, at offset: Int) -> JSONError {
    JSONError(isSyntax: true, message: "\(message) at character \(offset + 1)")
  }

  static func unsendable(_ message: String) -> JSONError {
    JSONError(isSyntax: false, message: message)
  }
}
