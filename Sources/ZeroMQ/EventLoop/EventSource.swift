package import Synchronization

/// Takes part in an event loop: a socket with what is built on it.
package protocol EventSource: AnyObject, Sendable {
  /// What the loop knows of the source.
  var registration: EventRegistration { get }

  /// Receives what is there, sends what waits, and performs what is due. Only the loop's leader calls it.
  ///
  /// It must empty the socket or return true; ``EventRegistration/deadline`` must be up to date when it returns.
  /// - Returns: whether more is ready than was handled, so that other sources get their turn in between.
  func service(now: UInt64) -> Bool

  /// Closes the socket for good. Closing again does nothing.
  func close()
}

/// Holds what an event loop knows of a source: descriptor, token, timer and whether it was used since it was last served.
package final class EventRegistration: Sendable {
  /// The socket's descriptor (`ZMQ_FD`).
  let descriptor: Int32
  let token = Atomic<UInt32>(.max)
  /// True while the source stands in the loop's list of sources to visit.
  let isDirty = Atomic<Bool>(false)
  /// Whether the descriptor was reported to be readable since the source was served last.
  package let isReported = Atomic<Bool>(false)
  /// When the source wants to be served next without any input, in nanoseconds of ``MonotonicTime``.
  package let deadline = Atomic<UInt64>(MonotonicTime.never)

  /// Makes a registration for a socket.
  package init(descriptor: Int32) { self.descriptor = descriptor }
}
