/// Holds what `zerorpc-config.json` in a target's directory says.
public struct GeneratorConfiguration: Codable, Sendable, Equatable {
  /// The file that is looked for in the target's directory.
  public static let fileName = "zerorpc-config.json"

  /// How method names travel, unless a directive says otherwise. As written by default.
  public var methodNames: MethodNaming

  /// Creates a configuration.
  public init(methodNames: MethodNaming = .asWritten) {
    self.methodNames = methodNames
  }
}
