internal import Synchronization
internal import ZeroMQ

/// Follows the handshakes of a client's connection, so that a call that found none can say why, and reconnects are counted.
final class HandshakeRecord: Sendable {
  private struct State: Sendable {
    var failure: String?
    var hasSucceeded = false
    weak var connection: ClientConnection?
  }

  private let state = Mutex(State())

  private let isSecured: Bool
  private let instruments: ClientInstruments?

  /// Makes a record; nil where there is nobody to tell.
  init?(isSecured: Bool, _ instruments: ClientInstruments?) {
    guard isSecured || instruments != nil else { return nil }
    (self.isSecured, self.instruments) = (isSecured, instruments)
  }

  /// Why the last handshake failed; nil when it succeeded, or none came so far.
  var failure: String? { state.withLock { $0.failure } }

  /// Has a connection tried again where libzmq gives up.
  func retry(for connection: ClientConnection) { state.withLock { $0.connection = connection } }

  /// Starts following. The socket's owner calls it before it connects.
  func follow(_ socket: SocketHandle, in context: ZMQContext) throws(ZMQError) {
    let failures: [ZMQMonitorEvent.Kind] = [.handshakeFailedAuth, .handshakeFailedProtocol, .handshakeFailedNoDetail]
    try socket.monitor(in: context, reporting: [.handshakeSucceeded] + (isSecured ? failures : [])) { self.note($0) }
  }

  private func note(_ event: ZMQMonitorEvent) {
    let text: String?
    switch event.kind {
    case .handshakeSucceeded: text = nil
    case .handshakeFailedAuth:
      text = "the server refuses this client: its key, or its user and password, are not among those it lets in"
    case .handshakeFailedProtocol:
      let reason = event.protocolError.map { " (\($0))" } ?? ""
      text = "the server does not take part in the handshake\(reason): it has no security, or another kind of it"
    case .handshakeFailedNoDetail:
      text = "the server ended the handshake: its key is another than this client was given, or it refuses this client"
    default: return
    }
    let (connection, isAgain) = state.withLock { state in
      let isAgain = text == nil && state.hasSucceeded
      state.hasSucceeded = state.hasSucceeded || text == nil
      state.failure = text
      return (state.connection, isAgain)
    }
    if isAgain { instruments?.reconnected() }
    // libzmq tries again only after failures of the network. But keys may be let in later, and servers set right.
    if event.kind == .handshakeFailedAuth || event.kind == .handshakeFailedProtocol { connection?.reconnectLater() }
  }
}
