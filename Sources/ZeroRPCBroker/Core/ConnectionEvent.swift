internal import CZeroMQ

/// Says what happened to a connection, as zmq_socket_monitor(3) reports it.
enum ConnectionEvent {
  case ready
  case gone

  /// The events that a broker watches.
  static let watched = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED

  /// Reads the first frame of a report.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 2 else { return nil }
    switch Int32(bytes.loadUnaligned(as: UInt16.self)) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .ready
    case ZMQ_EVENT_DISCONNECTED: self = .gone
    default: return nil
    }
  }
}
