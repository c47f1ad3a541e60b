public import MessagePack

/// Describes a call to the client's interceptors.
public struct RPCClientContext: Sendable {
  /// The method's name on the wire.
  public let method: String
  /// The endpoints of the client; the call goes to one of them.
  public let endpoints: [String]
  /// Whether the caller expects a stream; false also when it takes either.
  public let isStream: Bool
  /// The options of the call. A changed copy is what `next` goes on with.
  public var options: RPCCallOptions
  /// The entries of the last reply's header that are not the protocol's own, which a server's ``RPCContextPropagator`` adds.
  /// Only for ``RPCClientInterceptor/callEnded(_:error:)``; empty before, and when no reply came.
  public internal(set) var replyHeaders: [String: MessagePackValue] = [:]
  let packed: PackedArguments
  /// When the first reply must have come, in nanoseconds of the loop's clock, whatever `options` became; `UInt64.max` is never.
  let deadline: UInt64

  /// What is left of the time-out with which the call was made, and of the deadline around it; nil when there is no limit.
  public var remainingTime: Duration? { RPCTaskContext.remainingTime(until: deadline) }

  /// The header entries that this call adds to those of ``RPCTaskContext``.
  public var headers: [String: MessagePackValue] {
    get { options.headers }
    set { options.headers = newValue }
  }

  /// Decodes the arguments.
  ///
  /// - Throws: `MessagePackError` for arguments that a call packed wrongly.
  public func arguments() throws -> [MessagePackValue] { try packed.values() }
}

/// Keeps packed arguments: an array in MessagePack.
final class PackedArguments: Sendable {
  let bytes: [UInt8]

  init(_ packer: borrowing MessagePackPacker) {
    bytes = packer.withUnsafeBytes { Array($0) }
  }

  func values() throws -> [MessagePackValue] {
    try bytes.withUnsafeBytes { try MessagePackValue(parsing: $0) }.arrayValue ?? []
  }
}
