public import MessagePack

/// Calls any method of any zerorpc peer without generated code.
///
/// ```swift
/// let remote = client.remote
/// let five: Int = try await remote.add(2, 3)
/// let anything = try await remote.add(2, 3)              // a MessagePackValue
/// for try await item in try await remote.count.stream(10) { print(item) }
/// try await remote.with { $0.timeout = .seconds(1) }.add(2, 3)
/// ```
///
/// Arguments are whatever is `Encodable`. A method whose name is no Swift identifier is called by
/// `remote["any-name"](1, 2)`.
@dynamicMemberLookup
public struct RPCRemote: Sendable {
  /// The client that carries the calls.
  public let client: RPCClient
  /// The options of every call.
  public var options: RPCCallOptions

  /// Names a method to call.
  public subscript(dynamicMember method: String) -> RPCRemoteMethod { self[method] }

  /// Names a method to call.
  public subscript(method: String) -> RPCRemoteMethod {
    RPCRemoteMethod(client: client, name: method, options: options)
  }

  /// Returns a proxy whose calls have other options.
  public func with(_ change: (inout RPCCallOptions) -> Void) -> RPCRemote {
    var copy = self
    change(&copy.options)
    return copy
  }
}

extension RPCClient {
  /// A proxy that calls any method of the peer by its name.
  public var remote: RPCRemote { RPCRemote(client: self, options: RPCCallOptions()) }
}

/// Calls one method of a peer by its name.
public struct RPCRemoteMethod: Sendable {
  let client: RPCClient
  /// The name on the wire.
  public let name: String
  let options: RPCCallOptions

  /// Calls the method and decodes its result to the type that is asked for.
  ///
  /// - Throws: as ``RPCClient/call(_:options:errors:pack:unpack:)``.
  public func callAsFunction<each Argument: Encodable & Sendable, Result: Decodable>(
    _ arguments: repeat each Argument
  ) async throws -> Result {
    try await client.call(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    } unpack: { view in
      try view.decode(Result.self)
    }
  }

  /// Calls the method and returns its result as it came.
  ///
  /// - Throws: as ``RPCClient/call(_:options:errors:pack:unpack:)``.
  @discardableResult
  @_disfavoredOverload
  public func callAsFunction<each Argument: Encodable & Sendable>(
    _ arguments: repeat each Argument
  ) async throws -> MessagePackValue {
    try await client.call(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    } unpack: { view in
      try view.value()
    }
  }

  /// Calls a method that returns a stream, and decodes its items to the type that is asked for.
  ///
  /// - Throws: as ``RPCClient/call(_:options:errors:pack:unpack:)``.
  public func stream<each Argument: Encodable & Sendable, Element: Decodable & Sendable>(
    _ arguments: repeat each Argument, of element: Element.Type = Element.self
  ) async throws -> RPCStream<Element> {
    try await client.stream(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    } unpack: { view in
      try view.decode(Element.self)
    }
  }

  /// Calls a method that returns a stream, and delivers its items as they come.
  ///
  /// - Throws: as ``RPCClient/call(_:options:errors:pack:unpack:)``.
  @_disfavoredOverload
  public func stream<each Argument: Encodable & Sendable>(
    _ arguments: repeat each Argument
  ) async throws -> RPCStream<MessagePackValue> {
    try await client.stream(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    } unpack: { view in
      try view.value()
    }
  }

  static func pack<each Argument: Encodable>(
    _ arguments: repeat each Argument, into packer: inout MessagePackPacker
  ) throws {
    var count = 0
    for _ in repeat (each Argument).self { count += 1 }
    packer.packArrayHeader(count)
    var index = 0
    for argument in repeat each arguments {
      do {
        try packer.pack(argument)
      } catch let error as MessagePackError {
        throw error.prefixed(by: "args[\(index)]")
      }
      index += 1
    }
  }
}
