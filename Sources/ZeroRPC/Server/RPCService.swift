/// Marks a protocol as a remote interface: a protocol that inherits from it is what the code generator reads.
///
/// ```swift
/// protocol Calculator: RPCService {
///   func add(_ a: Int, _ b: Int) async throws -> Int
/// }
/// ```
///
/// The `ZeroRPCGenerator` plugin writes the client `CalculatorClient` and implements the requirement below for every type
/// that conforms to `Calculator`. If the compiler says that a type does not conform because `zeroRPCGenerated` is missing,
/// the target lacks the line `plugins: [.plugin(name: "ZeroRPCGenerator", package: "swift-zerorpc")]`.
public protocol RPCService: Sendable {
  /// What the plugin generates: the methods that peers can call, and nothing else is reachable.
  var zeroRPCGenerated: RPCServiceDefinition { get }
}

/// Lists the methods of a service, with what introspection tells about them.
public struct RPCServiceDefinition: Sendable {
  /// The service's name, usually that of its protocol.
  public var name: String
  /// The documentation comment of its protocol.
  public var documentation: String?
  /// The methods that peers can call.
  public var methods: [RPCMethodDefinition]

  /// Makes a definition; generated code does so.
  public init(name: String, documentation: String? = nil, methods: [RPCMethodDefinition]) {
    self.name = name
    self.documentation = documentation
    self.methods = methods
  }
}

/// Describes one method of a service and how it is run.
public struct RPCMethodDefinition: Sendable {
  /// The name on the wire.
  public var name: String
  /// The documentation comment.
  public var documentation: String?
  /// The parameters, in order.
  public var parameters: [RPCParameter]
  /// The Swift type of the result, or of a stream's items, as text; nil when the method returns nothing.
  public var result: String?
  /// Whether it returns a stream.
  public var isStream: Bool
  /// Whether it may be called again after an attempt whose fate is unknown.
  public var isIdempotent: Bool
  /// The errors that arrive as themselves at Swift callers.
  public var errors: [RPCErrorType]
  /// Reads the arguments, runs the method and replies.
  public var handler: @Sendable (RPCServerCall) async throws -> Void

  /// Makes a definition; generated code does so.
  public init(
    _ name: String, documentation: String? = nil, parameters: [RPCParameter] = [], result: String? = nil,
    isStream: Bool = false, isIdempotent: Bool = false, errors: [RPCErrorType] = [],
    handler: @escaping @Sendable (RPCServerCall) async throws -> Void
  ) {
    self.name = name
    self.documentation = documentation
    self.parameters = parameters
    self.result = result
    self.isStream = isStream
    self.isIdempotent = isIdempotent
    self.errors = errors
    self.handler = handler
  }
}

/// Describes one parameter of a method.
public struct RPCParameter: Sendable, Hashable {
  /// The name by which the implementation knows it.
  public var name: String
  /// Its Swift type as text.
  public var type: String

  /// Makes a description.
  public init(_ name: String, type: String) {
    self.name = name
    self.type = type
  }
}
