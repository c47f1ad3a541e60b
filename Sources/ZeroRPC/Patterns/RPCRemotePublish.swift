/// Publishes any call without generated code.
///
/// ```swift
/// try publisher.remote.changed("Berlin", 12)
/// try publisher.remote["any-name"](1, "two")
/// ```
@dynamicMemberLookup
public struct RPCRemotePublish: Sendable {
  /// The publisher that sends.
  public let publisher: RPCPublisher
  /// The options of every message.
  public var options: RPCSendOptions

  /// Names a method to call.
  public subscript(dynamicMember method: String) -> RPCRemotePublishMethod { self[method] }

  /// Names a method to call.
  public subscript(method: String) -> RPCRemotePublishMethod {
    RPCRemotePublishMethod(publisher: publisher, name: method, options: options)
  }

  /// Returns a proxy whose messages have other options.
  public func with(_ change: (inout RPCSendOptions) -> Void) -> RPCRemotePublish {
    var copy = self
    change(&copy.options)
    return copy
  }
}

/// Publishes calls of one method by its name.
public struct RPCRemotePublishMethod: Sendable {
  let publisher: RPCPublisher
  /// The name on the wire.
  public let name: String
  let options: RPCSendOptions

  /// Publishes a call.
  ///
  /// - Throws: as ``RPCPublisher/publish(_:options:pack:)``.
  public func callAsFunction<each Argument: Encodable & Sendable>(_ arguments: repeat each Argument) throws {
    try publisher.publish(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    }
  }
}

extension RPCPublisher {
  /// A proxy that publishes calls of any method by its name.
  public var remote: RPCRemotePublish { RPCRemotePublish(publisher: self, options: RPCSendOptions()) }
}
