public import MessagePack

/// Turns errors that peers report into errors of Swift: zerorpc-python's `client_handle_remote_error`.
///
/// ```swift
/// struct LookupErrors: RPCErrorMapper {
///   func error(for remote: RemoteError, of call: RPCErrorContext) -> (any Error)? {
///     remote.name == "KeyError" ? NotFound(key: remote.message) : nil
///   }
/// }
///
/// configuration.errorMappers = [LookupErrors()]
/// ```
///
/// The first mapper that returns an error decides. Declared errors (``RPCErrorType``) need no mapper and never reach one.
public protocol RPCErrorMapper: Sendable {
  /// Returns the error that the caller shall see, or nil to leave it to other mappers.
  func error(for remote: RemoteError, of call: RPCErrorContext) -> (any Error)?
}

/// Says which call has failed.
public struct RPCErrorContext: Sendable {
  /// The method's name on the wire.
  public let method: String
  /// The endpoint that the call went to.
  public let endpoint: String
  /// The entries of the reply's header that are not the protocol's own.
  public let headers: [String: MessagePackValue]
}
