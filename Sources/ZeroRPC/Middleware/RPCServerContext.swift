public import MessagePack

/// Describes a call to the server's interceptors. It is valid inside of ``RPCServerInterceptor/intercept(_:next:)``.
public struct RPCServerContext: Sendable {
  let call: RPCServerCall
  /// The entries of the request's header that are not the protocol's own: the task context of the handler. A changed copy
  /// is what `next` goes on with.
  public var headers: [String: MessagePackValue]

  init(_ call: RPCServerCall, headers: [String: MessagePackValue]) {
    self.call = call
    self.headers = headers
  }

  /// The method's name on the wire.
  public var method: String { call.method }

  /// Whether the method returns a stream.
  public var isStream: Bool { call.definition?.definition.isStream ?? false }

  /// The routing id that ZeroMQ gave the caller's connection: the same for all calls over it.
  public var peer: [UInt8] { call.routing.withUnsafeBytes { Array($0) } }

  /// Who the caller is, as the server's `ZMQAuthenticator` knows it: the user id of its key, or its user's name. Nil for
  /// callers that were not authenticated.
  public var user: String? { call.user }

  /// The caller's network address; nil when it has none, as by `inproc`. Behind a broker it is the broker's.
  public var peerAddress: String? { call.peerAddress() }

  /// The time until the caller's deadline for the first reply, zero when it has passed; nil if the caller named none.
  public var remainingTime: Duration? { RPCTaskContext.remainingTime(until: call.header.deadline) }

  /// Decodes the arguments.
  ///
  /// - Throws: `MessagePackError` for arguments that are no MessagePack.
  public func arguments() throws -> [MessagePackValue] { try call.argumentValues() }

  /// Decodes the result that the handler gave; nil before it did, and for a stream.
  ///
  /// - Throws: `MessagePackError` for a result that the handler packed wrongly.
  public func result() throws -> MessagePackValue? { try call.heldResult() }

  /// Answers with a value: instead of calling `next`, or in place of the handler's result.
  ///
  /// - Throws: what becomes a `TypeError` at the caller, for a value that cannot be sent.
  public func reply(_ value: MessagePackValue) throws { try call.reply { try $0.pack(value) } }
}
