public import MessagePack
internal import ZeroMQ

extension RPCServiceClient {
  /// The same stub for calls that nobody answers.
  ///
  /// ```swift
  /// try await calculator.oneWay.reset()
  /// ```
  ///
  /// Such a call is one event. It returns as soon as ZeroMQ has taken the event for a connected peer, without waiting for the
  /// method to run, so that errors of the method, and the loss of the peer, are not noticed. Time-outs limit the wait for a
  /// connection.
  ///
  /// - Important: a method that returns a value or a stream throws ``RPCError/Code/invalidArgument`` when it is called like
  ///   this, and nothing is sent.
  public var oneWay: Self { with { $0.isOneWay = true } }
}

extension RPCRemoteMethod {
  /// Calls the method without waiting for an answer: see ``RPCClient/send(_:options:pack:)``.
  ///
  /// ```swift
  /// try await client.remote.reset.send()
  /// ```
  public func send<each Argument: Encodable & Sendable>(_ arguments: repeat each Argument) async throws {
    try await client.send(name, options: options) { packer in
      try RPCRemoteMethod.pack(repeat each arguments, into: &packer)
    }
  }
}

extension RPCClient {
  /// Calls a method without waiting for an answer: one event, on no open channel.
  ///
  /// It returns as soon as ZeroMQ has taken the event for a connected peer; before, it waits for a connection until the
  /// time-out. Whether the method exists, runs or fails is not known. A Swift server sends no answer. Servers of other
  /// languages send one, which is dropped; the event has protocol version 1, to which they expect no heartbeats, so that a
  /// handler may take as long as it likes.
  ///
  /// Generated stubs call it by way of ``RPCServiceClient/oneWay``, ``remote`` by ``RPCRemoteMethod/send(_:)``.
  ///
  /// - Throws: ``RPCError`` with `timeout` when there was no connection in time, and then nothing was sent; with `closed`,
  ///   `invalidArgument` or `transport`; `CancellationError` when the task is cancelled.
  public func send(
    _ method: String, options: RPCCallOptions = RPCCallOptions(), pack: (inout MessagePackPacker) throws -> Void
  ) async throws {
    guard isSurrounded else { return try await post(method, options, pack) }
    var options = options
    options.isOneWay = true
    let packed = try packedForInterceptors(method, pack)
    try await surrounded(method, options, packed, isStream: false) { _ in
      true
    } _: { options, _ in
      try await post(method, options) { try packed.append(to: &$0, or: pack) }
    }
  }

  /// Makes a one-way call of a method whose result is `Result`, which must be nothing.
  func callOneWay<Result>(
    _ method: String, _ options: RPCCallOptions, _ pack: (inout MessagePackPacker) throws -> Void
  ) async throws -> Result {
    guard let nothing = () as? Result else {
      throw notOneWay(method, "\(Result.self)")
    }
    try await send(method, options: options, pack: pack)
    return nothing
  }

  /// The error for a one-way call of a method that returns something.
  func notOneWay(_ method: String, _ result: String) -> RPCError {
    RPCError(
      code: .invalidArgument,
      message: "cannot call '\(method)' one way: it returns \(result), for which the caller would have to wait")
  }

  private func post(
    _ method: String, _ options: RPCCallOptions, _ pack: (inout MessagePackPacker) throws -> Void
  ) async throws {
    let call = try beginOneWay(method, options, pack)
    await call.answer()
    if case .value = call.ending { return }
    throw failure(of: call, { [] })
  }
}
