internal import MessagePack
internal import ZeroMQ

extension RPCClient {
  /// Makes a call and packs its request. It is sent by ``ClientCall/answer()``.
  ///
  /// Not async, and not inlined into what is: its variables would be part of every call that waits, and most of its memory.
  @inline(never)
  func begin(
    _ method: String, _ options: RPCCallOptions, expecting expectation: ClientCallMachine.Expectation,
    _ pack: (inout MessagePackPacker) throws -> Void
  ) throws -> ClientCall {
    let connection = try nextConnection(for: method)
    let now = connection.loop.now()
    let scope = CallScope.current
    var limits = CallLimits(timeout: timeoutNanoseconds, now: now)
    var packer = MessagePackPacker()
    if scope == nil, options.isPlain, expectation == .value ? isPlainForValues : isPlainForStreams {
      EventWriter.open(method, into: &packer)
    } else {
      guard
        let tighter = CallLimits(options, configuration, scope, isStream: expectation != .value, now: now)
      else {
        throw RPCError(
          code: .timeout,
          message:
            "no time is left to call '\(method)' of \(connection.endpoint): nothing was sent; the time-out, or the "
            + "deadline around the call, is over"
        ).ofCall(wasSent: false)
      }
      limits = tighter
      EventWriter.open(method, limits.announcement, try headers(of: method, options, scope), into: &packer)
    }
    packer.keepsReferences = connection.keepsReferences
    try packArguments(of: method, for: connection, into: &packer, pack)
    let call = ClientCall(
      method,
      ClientCallMachine(
        expecting: expectation, heartbeat: heartbeatNanoseconds, isPassive: configuration.passiveHeartbeat,
        window: options.streamWindow ?? configuration.streamWindow, deadline: limits.firstReply,
        streamDeadline: limits.stream, now: now),
      on: connection)
    call.limits = limits
    call.request = consume packer
    return call
  }

  /// Makes a call that ends when its request is sent.
  func beginOneWay(
    _ method: String, _ options: RPCCallOptions, _ pack: (inout MessagePackPacker) throws -> Void
  ) throws -> ClientCall {
    let connection = try nextConnection(for: method)
    let now = connection.loop.now()
    let scope = CallScope.current
    guard let limits = CallLimits(options, configuration, scope, isStream: false, now: now) else {
      throw RPCError(
        code: .timeout,
        message: "no time is left to call '\(method)' of \(connection.endpoint) one way: nothing was sent")
    }
    var packer = MessagePackPacker()
    // The deadline is that of sending: nobody waits for the handler.
    EventWriter.openOneWay(method, try headers(of: method, options, scope), into: &packer)
    try packArguments(of: method, for: connection, into: &packer, pack)
    let call = ClientCall(
      method,
      ClientCallMachine(
        expecting: .value, heartbeat: 0, isPassive: true, window: configuration.streamWindow,
        deadline: limits.firstReply, now: now),
      on: connection)
    call.isOneWay = true
    call.limits = limits
    call.request = consume packer
    return call
  }

  /// The entries of a request's header that are not the protocol's own.
  private func headers(of method: String, _ options: RPCCallOptions, _ scope: CallScope?) throws -> HeaderEntries {
    var inherited = scope?.headers ?? [:]
    for propagator in configuration.propagators { inherited.merge(propagator.outgoing()) { _, new in new } }
    return try HeaderEntries(inherited, options.headers, method)
  }

  private func packArguments(
    of method: String, for connection: ClientConnection, into packer: inout MessagePackPacker,
    _ pack: (inout MessagePackPacker) throws -> Void
  ) throws {
    do {
      try pack(&packer)
      try packer.check()
    } catch let error as MessagePackError {
      throw RPCError(
        code: .invalidArgument, message: "cannot call '\(method)' of \(connection.endpoint): \(error)", cause: error)
    }
  }
}
