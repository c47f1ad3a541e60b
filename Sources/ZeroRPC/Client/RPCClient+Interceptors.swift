internal import MessagePack
internal import ZeroMQ

extension RPCClient {
  /// Makes a call: with its options, and whom to tell of its end.
  typealias Make<Result> = (RPCCallOptions, CallObserver) async throws -> Result

  /// Makes a call that is reported, goes through interceptors, or both.
  ///
  /// - Parameter packed: the arguments, if there are interceptors.
  func surrounded<Result>(
    _ method: String, _ options: RPCCallOptions, _ packed: PackedArguments?, isStream: Bool, isOver: (Result) -> Bool,
    _ make: Make<Result>
  ) async throws -> Result {
    var options = options
    let report = instruments?.begin(method, &options, endpoints)
    let observer: CallObserver
    var context: RPCClientContext?
    if let packed {
      let started = RPCClientContext(
        method: method, endpoints: endpoints, isStream: isStream, options: options, packed: packed,
        deadline: firstReplyDeadline(options, isStream: isStream))
      let interceptors = configuration.interceptors
      // A stream ends later than its call returns, and tells by itself.
      observer = CallObserver { error, headers in
        var ended = started
        ended.replyHeaders = headers
        for interceptor in interceptors.reversed() { interceptor.callEnded(ended, error: error) }
        report?.end(error)
      }
      context = started
    } else {
      observer = CallObserver(takesHeaders: false) { error, _ in report?.end(error) }
    }
    do {
      let result =
        if let context {
          try await intercept(0, context) { try await make($0.options, observer) }
        } else {
          try await make(options, observer)
        }
      if isOver(result) { observer.end(nil) } else { report?.streamOpened() }
      return result
    } catch {
      observer.end(error)
      throw error
    }
  }

  private func firstReplyDeadline(_ options: RPCCallOptions, isStream: Bool) -> UInt64 {
    let now = SimulatedTask.now()
    return CallLimits(options, configuration, CallScope.current, isStream: isStream, now: now)?.firstReply ?? now
  }

  private func intercept<Result>(
    _ index: Int, _ context: RPCClientContext, _ make: (RPCClientContext) async throws -> Result
  ) async throws -> Result {
    guard index < configuration.interceptors.count else { return try await make(context) }
    return try await configuration.interceptors[index].intercept(context) { context in
      try await intercept(index + 1, context, make)
    }
  }

  /// Packs the arguments first if there are interceptors: they may look at them, and make the call several times.
  func packedForInterceptors(
    _ method: String, _ pack: (inout MessagePackPacker) throws -> Void
  ) throws -> PackedArguments? {
    guard !configuration.interceptors.isEmpty else { return nil }
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

extension PackedArguments? {
  /// Appends the arguments to a request; packs them only now if there are none.
  func append(to packer: inout MessagePackPacker, or pack: (inout MessagePackPacker) throws -> Void) rethrows {
    if let self {
      self.bytes.withUnsafeBytes { packer.appendRaw($0) }
    } else {
      try pack(&packer)
    }
  }
}
