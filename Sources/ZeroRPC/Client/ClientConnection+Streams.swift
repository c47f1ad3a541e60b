internal import MessagePack
internal import ZeroMQ

// Streams, and ending a call from this side.
extension ClientConnection {
  /// Says what a consumer that asks for an item gets.
  enum Pull { case item(arguments: Int), ended, wait }

  /// Whether a call is answered by a stream. Its first item may be followed by its end at any time, so under the lock.
  func isStream(_ call: ClientCall) -> Bool { state.withLock { _ in call.isStream } }

  /// Takes the next item into `frame`, if it is there, and grants credit as needed.
  func pull(_ call: ClientCall, into frame: inout Frame) -> Pull {
    var needsVisit = false
    defer { if needsVisit { loop.visit(self) } }
    return state.withLock { state in
      let isOpen = call.ending == nil
      if isOpen, let grant = call.machine.pull() {
        sendSmall(&state, key: call.key, generation: call.generation, .grant) {
          EventWriter.grant(grant, to: $0, into: &$1)
        }
        if let socket = state.socket { needsVisit = mustVisit(socket, state) }
      }
      if let arguments = call.items.popFirst(into: &frame) {
        if isOpen { call.machine.took() }
        return .item(arguments: arguments)
      }
      return isOpen ? .wait : .ended
    }
  }

  /// Has a continuation resumed when an item is there or the stream has ended; false if that is so already. The stream ends
  /// when none has come at the deadline.
  func park(_ call: ClientCall, _ continuation: UnsafeContinuation<Void, Never>, until deadline: UInt64) -> Bool {
    state.withLock { state in
      guard call.items.isEmpty, call.ending == nil, !call.isCancelled, call.continuation == nil else { return false }
      call.continuation = continuation
      state.waiters += 1
      if deadline != .max {
        call.machine.awaitItem(until: deadline)
        let due = call.machine.nextDue
        state.timers.set(call.key, due: due)
        loop.schedule(self, at: due)
      }
      return true
    }
  }

  /// Ends a call from this side: its caller was cancelled or left the stream.
  func cancel(_ call: ClientCall) {
    var needsVisit = false
    let continuation: UnsafeContinuation<Void, Never>? = state.withLock { state in
      call.isCancelled = true
      guard call.ending == nil, state.calls.contains(call.key, generation: call.generation),
        state.calls[call.key] === call
      else { return nil }
      cancelRemotely(&state, call.key, call.generation)
      var wake: [UnsafeContinuation<Void, Never>] = []
      end(&state, call.key, .cancelled, &wake)
      call.items.removeAll()
      if let socket = state.socket { needsVisit = mustVisit(socket, state) }
      return wake.first
    }
    if needsVisit { loop.visit(self) }
    continuation?.resume()
  }

  /// Closes the socket and ends all calls.
  func close() {
    var queueChange = 0
    let wake: [UnsafeContinuation<Void, Never>] = state.withLock { state in
      guard let socket = state.socket else { return [] }
      var wake: [UnsafeContinuation<Void, Never>] = []
      for key in state.calls.keys {
        if let generation = state.calls[key]?.generation { cancelRemotely(&state, key, generation) }
        end(&state, key, .closed, &wake)
      }
      closeInbox(&wake)
      flushCork(&state, socket)
      state.outbox = []
      state.socket = nil
      loop.unregister(self)
      socket.close()
      queueChange = state.queueChange()
      return wake
    }
    instruments?.queueChanged(by: queueChange)
    for continuation in wake { continuation.resume() }
  }
}
