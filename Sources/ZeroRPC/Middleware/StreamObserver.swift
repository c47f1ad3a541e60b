internal import Synchronization

/// Tells interceptors once that a stream is over.
final class StreamObserver: Sendable {
  private let action: Mutex<(@Sendable ((any Error)?) -> Void)?>

  init(_ action: @escaping @Sendable ((any Error)?) -> Void) { self.action = Mutex(action) }

  func end(_ error: (any Error)?) {
    let action = action.withLock { action in
      defer { action = nil }
      return action
    }
    action?(error)
  }
}
