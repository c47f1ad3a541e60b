internal import Logging
internal import MessagePack
internal import ZeroMQ

// The end of one-way calls.
extension ServerConnection {
  /// Forgets a call that has ended without an answer.
  func forget(_ call: RPCServerCall) {
    let waiters = state.withLock { state in call.key < 0 ? [] : remove(&state, call.key) }
    for waiter in waiters { waiter.resume() }
  }

  /// Logs an error that no caller hears of.
  func logUnanswered(_ error: RemoteError, of method: String) {
    logger.warning("a one-way call failed", metadata: ["method": "\(method.prefix(80))", "error": "\(error)"])
  }
}

// The end of a server.
extension ServerConnection {
  /// Refuses new calls from now on; those that are open go on.
  func drain() { state.withLock { $0.isDraining = true } }

  /// Waits until no call is open.
  func waitUntilIdle() async {
    await withUnsafeContinuation { continuation in
      let isIdle = state.withLock { state in
        guard state.calls.count > 0 else { return true }
        state.idleWaiters.append(continuation)
        return false
      }
      if isIdle { continuation.resume() }
    }
  }

  /// Cancels all handlers and tells their callers, as far as the credit of streams allows; those that have not begun may be
  /// called again.
  func stopCalls() {
    let after: Aftermath = state.withLock { state in
      var after = Aftermath()
      guard let socket = state.socket else { return after }
      for key in state.calls.keys {
        guard let call = state.calls[key] else { continue }
        if !call.isOneWay, call.machine.spend() {
          var packer = MessagePackPacker()
          // Not the call's own entries: its handler may be at them.
          call.pack(call.worker == nil ? .shuttingDown : .stopped, nil, into: &packer)
          _ = transmit(&packer, call, &state)
        }
        abandon(&state, key, &after)
      }
      flushCork(&state, socket)
      return after
    }
    perform(after)
    loop.visit(self)
  }

  /// Cancels all handlers and closes the socket.
  func close() {
    var workers: [UnsafeContinuation<Bool, Never>] = []
    let after: Aftermath = state.withLock { state in
      var after = Aftermath()
      guard let socket = state.socket else { return after }
      for key in state.calls.keys { abandon(&state, key, &after) }
      workers = state.idleWorkers.compactMap(\.continuation)
      state.idleWorkers = []
      flushCork(&state, socket)
      state.outbox = [:]
      after.queueChange = state.queueChange()
      loop.unregister(self)
      socket.close()
      state.socket = nil
      return after
    }
    perform(after)
    for worker in workers { worker.resume(returning: false) }
  }
}
