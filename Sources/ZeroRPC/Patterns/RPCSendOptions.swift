public import MessagePack

/// Sets how one message, or every message of a stub, is pushed or published. What is nil comes from the configuration.
public struct RPCSendOptions: Sendable, Hashable {
  /// How long a push waits for a consumer that has room, or what ``withRPCTimeout(_:_:)`` leaves if that is less. Publishing
  /// never waits.
  public var timeout: Duration?
  /// Entries of the message's header beside the protocol's own. They replace what ``RPCTaskContext`` has for the same key,
  /// and become the task context of the handler.
  public var headers: [String: MessagePackValue]

  /// Makes options that leave everything to the configuration.
  public init(timeout: Duration? = nil, headers: [String: MessagePackValue] = [:]) {
    self.timeout = timeout
    self.headers = headers
  }
}
