internal import ZeroMQ

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
      loop.unregister(self)
      socket.close()
      state.socket = nil
      return after
    }
    perform(after)
    for worker in workers { worker.resume(returning: false) }
  }
}
