internal import Synchronization

/// Tells a proxy's engine that one of its sockets has something to do: an event loop knows one descriptor a source.
final class ProxyPort: EventSource {
  let registration: EventRegistration
  private let engine: ProxyEngine

  init(_ socket: SocketHandle, _ engine: ProxyEngine) {
    registration = EventRegistration(descriptor: socket.descriptor)
    self.engine = engine
  }

  func service(now: UInt64) -> Bool {
    let turn = engine.turn(now: now)
    registration.deadline.store(turn.next, ordering: .sequentiallyConsistent)
    return turn.hasMore
  }

  func close() { engine.close() }
}
