/// Decides per method who may call it, by the user that the server's `ZMQAuthenticator` has recognised.
///
/// ```swift
/// configuration.interceptors = [
///   RPCAuthorization(
///     ["read": .authenticated, "write": .users(["alice", "bob"]), "ping": .everyone],
///     others: .nobody)
/// ]
/// ```
///
/// A call that is not allowed gets the ``RemoteError`` `PermissionDenied`; its handler does not run, and its arguments are
/// not read. Introspection (`_zerorpc_inspect` and the like) is a matter of `others` too, unless it is named.
public struct RPCAuthorization: RPCServerInterceptor {
  /// Says who may call a method.
  public struct Rule: Sendable, Hashable {
    private enum Who: Sendable, Hashable {
      case everyone, authenticated, nobody
      case users(Set<String>)
    }

    private let who: Who

    /// Every caller, known or not.
    public static let everyone = Rule(who: .everyone)
    /// Every caller that was authenticated.
    public static let authenticated = Rule(who: .authenticated)
    /// No caller.
    public static let nobody = Rule(who: .nobody)
    /// Callers with one of these user ids.
    public static func users(_ users: Set<String>) -> Rule { Rule(who: .users(users)) }

    /// Whether a caller may; nil is one who was not authenticated.
    public func allows(_ user: String?) -> Bool {
      switch who {
      case .everyone: true
      case .authenticated: user != nil
      case .nobody: false
      case .users(let users): user.map(users.contains) ?? false
      }
    }
  }

  /// The name of the error that callers get.
  public static let permissionDenied = "PermissionDenied"

  private let rules: [String: Rule]
  private let others: Rule

  /// Makes an interceptor; put it before those that do something for the caller.
  ///
  /// - Parameters:
  ///   - rules: who may call which method, by its name on the wire.
  ///   - others: who may call every other method.
  public init(_ rules: [String: Rule], others: Rule = .nobody) { (self.rules, self.others) = (rules, others) }

  /// Refuses the call or passes it on.
  public func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
    guard (rules[call.method] ?? others).allows(call.user) else {
      let caller = call.user.map { "the user '\($0)'" } ?? "a client that was not authenticated"
      throw RemoteError(
        name: RPCAuthorization.permissionDenied, message: "\(caller) may not call '\(call.method)'")
    }
    try await next(call)
  }
}
