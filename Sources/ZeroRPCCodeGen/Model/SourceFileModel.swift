/// Describes what the parser found in one source file.
public struct SourceFileModel: Codable, Sendable, Equatable {
  /// The path of the file, as the tool was given it.
  public var path: String
  /// The imports in the order of the source.
  public var imports: [ImportModel]
  /// All protocols, services or not.
  public var protocols: [ProtocolDeclaration]
  /// The names of the structs, classes, actors and enums that the file declares, with the types
  /// around them: `API.Item`.
  public var typeNames: Set<String>
  /// How the types of the file are declared; empty unless the parser was asked for it.
  public var types: [TypeDeclaration]
  /// What is wrong whether or not the file declares a service, such as a directive that stands nowhere.
  public var diagnostics: [Diagnostic]

  /// Creates the description of a file.
  public init(
    path: String, imports: [ImportModel] = [], protocols: [ProtocolDeclaration] = [], typeNames: Set<String> = [],
    types: [TypeDeclaration] = [], diagnostics: [Diagnostic] = []
  ) {
    self.path = path
    self.imports = imports
    self.protocols = protocols
    self.typeNames = typeNames
    self.types = types
    self.diagnostics = diagnostics
  }

  /// The last component of the path. It is unique in a target: the compiler refuses two files of one name.
  public var name: String { String(path.split(separator: "/").last ?? "") }
}
