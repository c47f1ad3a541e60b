/// Describes what a source file imports: a single import, or an `#if` around imports.
public enum ImportModel: Codable, Sendable, Equatable {
  /// One import declaration.
  case single(SingleImport)
  /// An `#if … #endif` with nothing but imports, as lines of text.
  case conditional(lines: [String], modules: [String])

  /// The modules that the declaration names, without submodules.
  public var modules: [String] {
    switch self {
    case .single(let single): [single.module]
    case .conditional(_, let modules): modules
    }
  }
}

/// Describes one import declaration.
public struct SingleImport: Codable, Sendable, Equatable {
  /// The attributes as written, such as `@preconcurrency`.
  public var attributes: [String]
  /// The access level as written, `nil` where none is.
  public var access: String?
  /// What is imported: `Foundation`, `struct Shapes.Circle`.
  public var path: String

  /// Creates the description of an import.
  public init(attributes: [String] = [], access: String? = nil, path: String) {
    self.attributes = attributes
    self.access = access
    self.path = path
  }

  /// The name of the module.
  public var module: String {
    let dotted = path.split(separator: " ").last ?? ""
    return String(dotted.split(separator: ".").first ?? "")
  }

  /// The declaration as a line of source.
  public var text: String { (attributes + [access, "import", path].compactMap { $0 }).joined(separator: " ") }
}
