/// Describes what a service promises to its peers: what `Contracts/<target>/<service>.json` holds.
///
/// `Documentation/Contracts.md` describes the file. The same protocol gives the same contract, always: methods and types are
/// ordered by name, and nothing depends on where the sources lie.
public struct Contract: Sendable, Equatable {
  /// The version of the file's format that this code writes.
  public static let version = 1

  /// The service's name on the wire.
  public var service: String
  /// The protocol's name with the types around it: `API.Users`.
  public var protocolName: String
  /// The text of the protocol's doc comment.
  public var documentation: String?
  /// The methods by their names on the wire.
  public var methods: [String: ContractMethod]
  /// The types of the target that the methods use, by their Swift names with the types around them.
  public var types: [String: ContractDefinition]

  /// Creates a contract.
  public init(
    service: String, protocolName: String? = nil, documentation: String? = nil, methods: [String: ContractMethod] = [:],
    types: [String: ContractDefinition] = [:]
  ) {
    self.service = service
    self.protocolName = protocolName ?? service
    self.documentation = documentation
    self.methods = methods
    self.types = types
  }

  /// The name of the contract's file.
  public var fileName: String { "\(protocolName).json" }
}

/// Describes a method of a contract.
public struct ContractMethod: Sendable, Equatable {
  /// Which sides of a call send any number of values.
  public enum Stream: String, Sendable, CaseIterable {
    /// One answer.
    case none
    /// The server streams its answer.
    case server
  }

  /// Describes an argument. Arguments travel by position, and a caller sends all of them.
  public struct Argument: Sendable, Equatable {
    /// The name, which is for readers and generated clients: it does not travel.
    public var name: String
    /// The type.
    public var type: ContractType

    /// Creates the description of an argument.
    public init(_ name: String, _ type: ContractType) {
      self.name = name
      self.type = type
    }
  }

  /// The name in Swift with its labels: `divide(_:by:)`.
  public var swiftName: String
  /// The text of the doc comment.
  public var documentation: String?
  /// The arguments in order.
  public var arguments: [Argument]
  /// The type of the answer, or of each of a stream; `nil` for none.
  public var result: ContractType?
  /// Which sides stream.
  public var stream: Stream
  /// Whether the method may be called again when an answer is lost.
  public var isIdempotent: Bool
  /// The error types that arrive as themselves.
  public var errors: [ContractType]

  /// Creates the description of a method.
  public init(
    _ swiftName: String, documentation: String? = nil, arguments: [Argument] = [], result: ContractType? = nil,
    stream: Stream = .none, isIdempotent: Bool = false, errors: [ContractType] = []
  ) {
    self.swiftName = swiftName
    self.documentation = documentation
    self.arguments = arguments
    self.result = result
    self.stream = stream
    self.isIdempotent = isIdempotent
    self.errors = errors
  }
}
