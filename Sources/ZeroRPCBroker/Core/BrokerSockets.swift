internal import CZeroMQ
internal import ZeroMQ
internal import ZeroRPC

extension ZMQContext {
  /// Opens a socket of a broker and sets its options.
  func open(_ type: ZMQSocketType, _ options: RPCTransportOptions) throws(ZMQError) -> SocketHandle {
    let socket = try open(type)
    do {
      try socket.set(ZMQ_LINGER, milliseconds(options.linger), named: "linger")
      try socket.set(ZMQ_SNDHWM, Int32(clamping: max(1, options.sendHighWaterMark)), named: "sendHighWaterMark")
      try socket.set(ZMQ_RCVHWM, Int32(clamping: max(1, options.receiveHighWaterMark)), named: "receiveHighWaterMark")
      try socket.set(ZMQ_RECONNECT_IVL, max(1, milliseconds(options.reconnectInterval)), named: "reconnectInterval")
      try socket.set64(ZMQ_MAXMSGSIZE, Int64(options.maximumMessageSize ?? -1), named: "maximumMessageSize")
      try socket.set(ZMQ_TCP_KEEPALIVE, 1, named: "keepAlive")
      if type == .router {
        // Thousands of clients may connect again at the same time.
        try socket.set(ZMQ_BACKLOG, 4_096, named: "backlog")
        // A full or vanished peer is reported instead of dropping the message silently.
        try socket.set(ZMQ_ROUTER_MANDATORY, 1, named: "routerMandatory")
      } else {
        // Nothing is queued for a worker that is not there.
        try socket.set(ZMQ_IMMEDIATE, 1, named: "immediate")
      }
    } catch {
      socket.close()
      throw error
    }
    return socket
  }

  private func milliseconds(_ duration: Duration) -> Int32 {
    Int32(clamping: duration.clampedNanoseconds / 1_000_000)
  }
}

extension SocketHandle {
  /// Binds, over IPv6 too if the endpoint says so; returns the real endpoint.
  func listen(at endpoint: String) throws(ZMQError) -> String {
    // Off by default in libzmq, and with it on a v4-only host could not bind to `*`.
    if endpoint.hasPrefix("tcp://[") { try set(ZMQ_IPV6, 1, named: "ipv6") }
    return try bind(endpoint)
  }

  /// Connects, over IPv6 too if the endpoint says so.
  func reach(_ endpoint: String) throws(ZMQError) {
    if endpoint.hasPrefix("tcp://[") { try set(ZMQ_IPV6, 1, named: "ipv6") }
    try connect(endpoint)
  }
}

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
