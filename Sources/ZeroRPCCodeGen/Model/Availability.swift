/// Reads what an `@available` attribute says. The parser has refused the forms that are not covered here.
public struct Availability: Sendable {
  private let arguments: [String]

  /// Reads an attribute as written; `nil` when it is another one.
  public init?(attribute: String) {
    guard attribute.hasPrefix("@available("), attribute.hasSuffix(")") else { return nil }
    var isQuoted = false
    // A comma in a message separates nothing.
    let separated = attribute.dropFirst("@available(".count).dropLast().split { character in
      if character == "\"" { isQuoted.toggle() }
      return character == "," && !isQuoted
    }
    arguments = separated.map { String($0.drop(while: \.isWhitespace)) }
  }

  /// Whether callers are warned.
  public var isDeprecated: Bool { arguments.contains { $0.hasPrefix("deprecated") } }

  /// Whether the attribute has no counterpart in an `if #available`.
  public var isUnsupported: Bool {
    arguments.contains { argument in
      ["unavailable", "obsoleted", "introduced", "noasync"].contains { argument.hasPrefix($0) }
    }
  }

  /// The platform versions that have the declaration, as in `#available(macOS 26, *)`.
  public var platforms: String? {
    guard arguments.count > 1, arguments.last == "*" else { return nil }
    return arguments.joined(separator: ", ")
  }
}

extension MethodModel {
  /// Whether callers of the method are warned.
  var isDeprecated: Bool { attributes.contains { Availability(attribute: $0)?.isDeprecated == true } }

  /// The platform versions that have the method, `nil` for all.
  var platforms: String? { attributes.lazy.compactMap { Availability(attribute: $0)?.platforms }.first }
}
