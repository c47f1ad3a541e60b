internal import MessagePack
internal import ZeroMQ

// Counting who is there to send to.
extension SenderConnection {
  /// Consumers that are connected, or subscriptions.
  var peers: Int { state.withLock { $0.peers } }

  /// What the monitor of a PUSH socket reports.
  static let connectionEvents: [ZMQMonitorEvent.Kind] = [
    .connected, .accepted, .handshakeSucceeded, .handshakeFailedNoDetail, .handshakeFailedProtocol,
    .handshakeFailedAuth, .disconnected,
  ]

  /// Notes what the monitor tells of a connection.
  func note(_ event: ZMQMonitorEvent) {
    let change: ConnectionCounter.Event
    switch (event.kind, event.descriptor) {
    case (.connected, let descriptor?), (.accepted, let descriptor?): change = .opened(descriptor)
    case (.disconnected, let descriptor?): change = .ended(descriptor)
    case (.handshakeSucceeded, _): change = .succeeded
    case (.handshakeFailedNoDetail, _), (.handshakeFailedProtocol, _), (.handshakeFailedAuth, _): change = .failed
    default: return
    }
    let isAwaited = state.withLock { state in
      state.connections.take(change)
      state.peers = state.connections.established
      return !state.peerWaiters.isEmpty
    }
    if isAwaited { loop.visit(self) }
  }

  /// Waits until a number of peers is there.
  func waitForPeers(_ count: Int, deadline: UInt64) async -> Outcome {
    let waiter = PeerWaiter(count, deadline: deadline)
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if state.socket == nil { waiter.outcome = .closed }
          if waiter.outcome != nil { return true }
          waiter.continuation = continuation
          state.peerWaiters.append(waiter)
          return false
        }
        if isOver { return continuation.resume() }
        loop.visit(self)
        if deadline != .max { loop.schedule(self, at: deadline) }
      }
    } onCancel: {
      let continuation = state.withLock { state -> UnsafeContinuation<Void, Never>? in
        guard waiter.outcome == nil else { return nil }
        waiter.outcome = .cancelled
        state.peerWaiters.removeAll { $0 === waiter }
        return waiter.continuation.take()
      }
      continuation?.resume()
    }
    return waiter.outcome ?? .closed
  }

  /// Reads the subscriptions that XPUB delivers: a 1 for each that comes, a 0 for each that goes.
  func countSubscriptions(_ state: inout State, _ socket: SocketHandle) {
    while state.frame.receive(from: socket) == .done {
      guard !state.frame.hasMore else { continue }
      switch state.frame.withUnsafeBytes({ $0.first }) {
      case 1: state.peers += 1
      case 0: state.peers = max(0, state.peers - 1)
      default: break
      }
    }
    state.frame.clear()
  }

  /// Ends the waits for peers that are there, and those that have lasted too long.
  func settlePeerWaiters(_ state: inout State, _ now: UInt64, _ wake: inout [UnsafeContinuation<Void, Never>]) {
    guard !state.peerWaiters.isEmpty else { return }
    var kept: [PeerWaiter] = []
    for waiter in state.peerWaiters {
      if state.peers >= waiter.count {
        waiter.outcome = .done
      } else if waiter.deadline <= now {
        waiter.outcome = .timedOut
      } else {
        kept.append(waiter)
        continue
      }
      if let continuation = waiter.continuation.take() { wake.append(continuation) }
    }
    state.peerWaiters = kept
  }
}
