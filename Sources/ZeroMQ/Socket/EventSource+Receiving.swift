internal import Synchronization

extension EventSource {
  /// Whether a source that is being served has to look for input. A visit that was asked for in order to send something need not,
  /// if the descriptor would have been reported. When timers are due, what came in time must be seen before they are.
  @inline(__always)
  package func mayHaveReceived(_ socket: SocketHandle, timersAreDue: Bool) -> Bool {
    let isReported = registration.isReported.load(ordering: .relaxed)
    if isReported { registration.isReported.store(false, ordering: .relaxed) }
    return isReported || timersAreDue || socket.isEdgeTriggered || socket.isReadable
  }
}
