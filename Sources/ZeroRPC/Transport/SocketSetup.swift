internal import CZeroMQ
package import ZeroMQ

extension ZMQContext {
  /// Opens the socket of a client's connection: one that the event loop serves, where that can be.
  func openDealer(
    _ options: RPCTransportOptions, for endpoint: String, _ attachment: SocketHandle.Attachment
  ) throws(ZMQError) -> SocketHandle {
    if attachment == .connect, ZMQContext.canServeByLoop(endpoint),
      let socket = try openServedByLoop(.dealer, options)
    {
      return socket
    }
    return try openSocket(.dealer, options)
  }

  /// Opens the socket of a server, likewise.
  func openRouter(_ options: RPCTransportOptions) throws(ZMQError) -> SocketHandle {
    if let socket = try openServedByLoop(.router, options) { return socket }
    return try openSocket(.router, options)
  }

  private func openServedByLoop(_ type: ZMQSocketType, _ options: RPCTransportOptions) throws(ZMQError) -> SocketHandle?
  {
    guard options.engine == .automatic, options.security.isNull, options.authenticationDomain == nil else { return nil }
    return try openServedByLoop(
      type, sendHighWaterMark: max(1, options.sendHighWaterMark), linger: options.linger,
      reconnectInterval: options.reconnectInterval, maximumMessageSize: options.maximumMessageSize
    ) { () throws(ZMQError) in
      try self.openSocket(type, options)
    }
  }

  /// Opens a socket of libzmq and sets its options.
  package func openSocket(_ type: ZMQSocketType, _ options: RPCTransportOptions) throws(ZMQError) -> SocketHandle {
    let socket = try open(type)
    do {
      try socket.set(ZMQ_LINGER, milliseconds(options.linger), named: "linger")
      try socket.set(ZMQ_SNDHWM, Int32(clamping: max(1, options.sendHighWaterMark)), named: "sendHighWaterMark")
      try socket.set(ZMQ_RCVHWM, Int32(clamping: max(1, options.receiveHighWaterMark)), named: "receiveHighWaterMark")
      try socket.set(ZMQ_RECONNECT_IVL, max(1, milliseconds(options.reconnectInterval)), named: "reconnectInterval")
      try socket.set64(ZMQ_MAXMSGSIZE, Int64(options.maximumMessageSize ?? -1), named: "maximumMessageSize")
      try socket.set(ZMQ_TCP_KEEPALIVE, 1, named: "keepAlive")
      if type == .subscribe { try socket.set(ZMQ_SUBSCRIBE, [], named: "subscribe") }
      // Every subscription is reported, also one that another peer has made already.
      if type == .extendedPublish { try socket.set(ZMQ_XPUB_VERBOSER, 1, named: "xpubVerboser") }
      try options.security.apply(to: socket)
      if type != .dealer, let domain = options.authenticationDomain { try socket.requireAuthentication(in: domain) }
      if type == .router {
        // A full or vanished peer is reported instead of dropping the message silently.
        try socket.set(ZMQ_ROUTER_MANDATORY, 1, named: "routerMandatory")
      } else {
        // Nothing is queued for a peer that is not there: what waits stays here, where a deadline can take it back.
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
  /// Says whether to attach by binding or by connecting.
  package enum Attachment: Sendable { case bind, connect }

  /// Binds or connects; returns the real endpoint.
  package func attach(_ attachment: Attachment, to endpoint: String) throws(ZMQError) -> String {
    try allowIPv6(for: endpoint)
    switch attachment {
    case .bind: return try bind(endpoint)
    case .connect:
      try connect(endpoint)
      return endpoint
    }
  }

  /// Takes an attachment back; the endpoint is the real one.
  func detach(_ attachment: Attachment, from endpoint: String) throws(ZMQError) {
    switch attachment {
    case .bind: try unbind(endpoint)
    case .connect: try disconnect(endpoint)
    }
  }
}
