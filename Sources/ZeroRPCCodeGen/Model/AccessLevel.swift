/// Says who may see a declaration. Levels below `internal` are refused before they reach the model: generated code lives
/// in a file of its own and could not see them.
public enum AccessLevel: String, Codable, Sendable, Comparable {
  /// Visible in the target.
  case `internal`
  /// Visible in the package.
  case package
  /// Visible everywhere.
  case `public`

  /// The keyword before a declaration, with the space after it; empty for the default level.
  public var modifier: String {
    switch self {
    case .internal: ""
    case .package: "package "
    case .public: "public "
    }
  }

  private var rank: Int {
    switch self {
    case .internal: 0
    case .package: 1
    case .public: 2
    }
  }

  /// Orders levels by how much they show.
  public static func < (left: AccessLevel, right: AccessLevel) -> Bool { left.rank < right.rank }
}
