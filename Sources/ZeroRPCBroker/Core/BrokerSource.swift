internal import ZeroMQ

/// Is a socket of a broker on the event loop.
final class BrokerSource: EventSource {
  /// Says which socket it is.
  enum Role: Sendable {
    case frontend
    case link(Int)
    case monitor(Int)
    case control
  }

  let registration: EventRegistration
  let role: Role
  private let core: BrokerCore

  init(_ core: BrokerCore, _ role: Role, _ socket: SocketHandle) {
    self.core = core
    self.role = role
    registration = EventRegistration(descriptor: socket.descriptor)
  }

  func service(now: UInt64) -> Bool { core.service(self, now: now) }

  func close() { core.close() }
}
