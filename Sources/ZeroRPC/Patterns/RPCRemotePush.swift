/// Pushes any call without generated code.
///
/// ```swift
/// try await pusher.remote.resize("cat.png", 128)
/// try await pusher.remote.with { $0.timeout = .seconds(1) }["any-name"](1, "two")
/// ```
@dynamicMemberLookup
public struct RPCRemotePush: Sendable {
  /// The pusher that sends.
  public let pusher: RPCPusher
  /// The options of every message.
  public var options: RPCSendOptions

  /// Names a method to call.
  public subscript(dynamicMember method: String) -> RPCRemotePushMethod { self[method] }

  /// Names a method to call.
  public subscript(method: String) -> RPCRemotePushMethod {
    RPCRemotePushMethod(pusher: pusher, name: method, options: options)
  }

  /// Returns a proxy whose messages have other options.
  public func with(_ change: (inout RPCSendOptions) -> Void) -> RPCRemotePush {
    var copy = self
    change(&copy.options)
    return copy
  }
}

/// Pushes calls of one method by its name.
public struct RPCRemotePushMethod: Sendable {
  let pusher: RPCPusher
  /// The name on the wire.
  public let name: String
  let options: RPCSendOptions

  /// Pushes a call.
  ///
  /// - Throws: as ``RPCPusher/push(_:options:pack:)``.
  public func callAsFunction<each Argument: Encodable & Sendable>(_ arguments: repeat each Argument) async throws {
    try await pusher.push(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    }
  }
}

extension RPCPusher {
  /// A proxy that pushes calls of any method by its name.
  public var remote: RPCRemotePush { RPCRemotePush(pusher: self, options: RPCSendOptions()) }
}
