/// Turns the endpoints that a program names into those that ZeroMQ understands: zerorpc-python's `resolve_endpoint`.
///
/// ```swift
/// struct Names: RPCEndpointResolver {
///   let addresses: [String: [String]]
///   func resolve(_ endpoint: String) -> [String] { addresses[endpoint] ?? [endpoint] }
/// }
///
/// configuration.resolvers = [Names(addresses: ["users": ["tcp://10.0.0.1:4242", "tcp://10.0.0.2:4242"]])]
/// try client.connect("users")
/// ```
///
/// It is asked when a client or server binds, connects and disconnects. Several resolvers are applied one after the other,
/// each to everything that the one before returned.
public protocol RPCEndpointResolver: Sendable {
  /// Returns the endpoints that a name stands for, or the name itself when it stands for none.
  ///
  /// - Throws: what the caller of `bind`, `connect` or `disconnect` shall see.
  func resolve(_ endpoint: String) throws -> [String]
}

extension [any RPCEndpointResolver] {
  /// Applies all resolvers.
  func resolve(_ endpoint: String) throws -> [String] {
    if isEmpty { return [endpoint] }
    let endpoints = try reduce([endpoint]) { endpoints, resolver in try endpoints.flatMap(resolver.resolve) }
    guard !endpoints.isEmpty else {
      throw RPCError(code: .invalidEndpoint, message: "the resolvers found no endpoint for '\(endpoint)'")
    }
    return endpoints
  }
}
