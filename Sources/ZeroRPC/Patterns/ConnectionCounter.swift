/// Counts the connections of a socket that messages flow by, from what libzmq's monitor tells: a state machine without a
/// socket.
///
/// The monitor names a connection when it is made and when it ends, but not when its handshake succeeds. So those that were
/// made first are taken to be those that succeeded; one that hangs in its handshake, as a foreign client does, is then told
/// from the others at the latest when it ends.
struct ConnectionCounter: Sendable {
  /// Says what the monitor told.
  enum Event: Sendable, Equatable {
    case opened(Int32)
    case succeeded
    /// The handshake of a connection failed; its end follows.
    case failed
    case ended(Int32)
  }

  /// Descriptors of all connections, oldest first.
  private var open: [Int32] = []
  private var hasFailed = false
  /// Connections whose handshake has succeeded.
  private(set) var established = 0

  mutating func take(_ event: Event) {
    switch event {
    case .opened(let descriptor): open.append(descriptor)
    case .succeeded: established += 1
    case .failed: hasFailed = true
    case .ended(let descriptor):
      // An attempt to connect that came to nothing ends without having been opened.
      guard let index = open.firstIndex(of: descriptor) else { return }
      open.remove(at: index)
      if !hasFailed, index < established { established -= 1 }
      hasFailed = false
    }
  }
}
