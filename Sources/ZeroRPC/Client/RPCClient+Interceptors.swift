internal import MessagePack

extension RPCClient {
  /// Makes a call through the interceptors.
  ///
  /// The arguments are packed first: interceptors may look at them, and make the call several times.
  func intercepted<Result>(
    _ method: String, _ options: RPCCallOptions, isStream: Bool, _ pack: (inout MessagePackPacker) throws -> Void,
    isOver: (Result) -> Bool, _ make: (RPCClientContext, CallObserver) async throws -> Result
  ) async throws -> Result {
    let context = RPCClientContext(
      method: method, endpoints: endpoints, isStream: isStream, options: options, packed: try packed(method, pack))
    let interceptors = configuration.interceptors
    // A stream ends later than its call returns, and tells by itself.
    let observer = CallObserver { error, headers in
      var ended = context
      ended.replyHeaders = headers
      for interceptor in interceptors.reversed() { interceptor.callEnded(ended, error: error) }
    }
    do {
      let result = try await intercept(0, context) { try await make($0, observer) }
      if isOver(result) { observer.end(nil) }
      return result
    } catch {
      observer.end(error)
      throw error
    }
  }

  private func intercept<Result>(
    _ index: Int, _ context: RPCClientContext, _ make: (RPCClientContext) async throws -> Result
  ) async throws -> Result {
    guard index < configuration.interceptors.count else { return try await make(context) }
    return try await configuration.interceptors[index].intercept(context) { context in
      try await intercept(index + 1, context, make)
    }
  }

  private func packed(
    _ method: String, _ pack: (inout MessagePackPacker) throws -> Void
  ) throws -> PackedArguments {
    var packer = MessagePackPacker()
    do {
      try pack(&packer)
      try packer.check()
    } catch let error as MessagePackError {
      throw RPCError(code: .invalidArgument, message: "cannot call '\(method)': \(error)", cause: error)
    }
    return PackedArguments(packer)
  }
}

extension PackedArguments {
  /// Appends the arguments to a request.
  func append(to packer: inout MessagePackPacker) {
    bytes.withUnsafeBytes { packer.appendRaw($0) }
  }
}
