internal import CZeroMQ

extension ZMQSocketOptions {
  /// Sets everything that differs from libzmq's defaults.
  func apply(to socket: SocketHandle, of type: ZMQSocketType) throws(ZMQError) {
    try refuseStrangers(of: type)
    try applyQueues(to: socket)
    try applyPatterns(to: socket, of: type)
    try applyConnections(to: socket)
    try security.apply(to: socket)
    if let zapDomain { try socket.set(ZMQ_ZAP_DOMAIN, Array(zapDomain.utf8), named: "zapDomain") }
  }

  /// Refuses what the type does not have: libzmq ignores some of it and answers `EINVAL` without a word for the rest.
  private func refuseStrangers(of type: ZMQSocketType) throws(ZMQError) {
    let asked: [(String, Bool, [ZMQSocketType])] = [
      ("routerMandatory", routerMandatory, [.router]),
      ("routerHandover", routerHandover, [.router]),
      ("probeRouter", probeRouter, [.request, .dealer, .router]),
      ("requestCorrelate", requestCorrelate, [.request]),
      ("requestRelaxed", requestRelaxed, [.request]),
      ("conflate", conflate, [.push, .pull, .publish, .subscribe, .dealer]),
      ("invertMatching", invertMatching, [.publish, .extendedPublish, .subscribe]),
      ("publishing.verbosity", publishing.verbosity != .changes, [.extendedPublish]),
      ("publishing.isManual", publishing.isManual, [.extendedPublish]),
      ("publishing.welcome", publishing.welcome != nil, [.extendedPublish]),
      ("publishing.holdsWhenFull", publishing.holdsWhenFull, [.publish, .extendedPublish]),
    ]
    for (name, isAsked, types) in asked where isAsked && !types.contains(type) {
      let owners = types.map(\.description).joined(separator: ", ")
      throw ZMQError(
        code: .invalidArgument, message: "a \(type) socket does not have the option \(name); it belongs to \(owners)")
    }
    if let routingID, !(1...255).contains(routingID.count) {
      throw ZMQError(
        code: .invalidArgument, message: "the routingID has \(routingID.count) bytes; it must have 1 to 255")
    }
    if let first = routingID?.first, first == 0 {
      throw ZMQError(
        code: .invalidArgument, message: "the routingID begins with a zero byte; libzmq keeps those to itself")
    }
  }

  private func applyQueues(to socket: SocketHandle) throws(ZMQError) {
    try socket.set(ZMQ_SNDHWM, Int32(clamping: sendHighWaterMark), named: "sendHighWaterMark")
    try socket.set(ZMQ_RCVHWM, Int32(clamping: receiveHighWaterMark), named: "receiveHighWaterMark")
    try socket.set(ZMQ_LINGER, linger.clampedMilliseconds, named: "linger")
    try socket.set64(ZMQ_MAXMSGSIZE, Int64(maximumMessageSize ?? -1), named: "maximumMessageSize")
    if immediate { try socket.set(ZMQ_IMMEDIATE, 1, named: "immediate") }
    if conflate { try socket.set(ZMQ_CONFLATE, 1, named: "conflate") }
  }

  private func applyPatterns(to socket: SocketHandle, of type: ZMQSocketType) throws(ZMQError) {
    if let routingID { try socket.set(ZMQ_ROUTING_ID, routingID, named: "routingID") }
    if routerMandatory { try socket.set(ZMQ_ROUTER_MANDATORY, 1, named: "routerMandatory") }
    if routerHandover { try socket.set(ZMQ_ROUTER_HANDOVER, 1, named: "routerHandover") }
    if probeRouter { try socket.set(ZMQ_PROBE_ROUTER, 1, named: "probeRouter") }
    if requestCorrelate { try socket.set(ZMQ_REQ_CORRELATE, 1, named: "requestCorrelate") }
    if requestRelaxed { try socket.set(ZMQ_REQ_RELAXED, 1, named: "requestRelaxed") }
    if invertMatching { try socket.set(ZMQ_INVERT_MATCHING, 1, named: "invertMatching") }
    switch publishing.verbosity {
    case .subscriptions: try socket.set(ZMQ_XPUB_VERBOSE, 1, named: "publishing.verbosity")
    case .everything: try socket.set(ZMQ_XPUB_VERBOSER, 1, named: "publishing.verbosity")
    default: break
    }
    if publishing.isManual { try socket.set(ZMQ_XPUB_MANUAL, 1, named: "publishing.isManual") }
    if publishing.holdsWhenFull { try socket.set(ZMQ_XPUB_NODROP, 1, named: "publishing.holdsWhenFull") }
    if let welcome = publishing.welcome { try socket.set(ZMQ_XPUB_WELCOME_MSG, welcome, named: "publishing.welcome") }
    let defaults = Multicast()
    guard multicast != defaults else { return }
    try socket.set(ZMQ_RATE, Int32(clamping: multicast.rate), named: "multicast.rate")
    try socket.set(ZMQ_RECOVERY_IVL, multicast.recovery.clampedMilliseconds, named: "multicast.recovery")
    try socket.set(ZMQ_MULTICAST_HOPS, Int32(clamping: multicast.hops), named: "multicast.hops")
    try socket.set(
      ZMQ_MULTICAST_MAXTPDU, Int32(clamping: multicast.maximumPacketSize), named: "multicast.maximumPacketSize")
  }

  private func applyConnections(to socket: SocketHandle) throws(ZMQError) {
    // Zero would make libzmq divide by it; minus one is how it spells "never".
    let base = reconnect.isEnabled ? max(1, reconnect.base.clampedMilliseconds) : -1
    try socket.set(ZMQ_RECONNECT_IVL, base, named: "reconnect.base")
    if let maximum = reconnect.maximum {
      try socket.set(ZMQ_RECONNECT_IVL_MAX, maximum.clampedMilliseconds, named: "reconnect.maximum")
    }
    if let connectTimeout {
      try socket.set(ZMQ_CONNECT_TIMEOUT, connectTimeout.clampedMilliseconds, named: "connectTimeout")
    }
    try socket.set(ZMQ_HANDSHAKE_IVL, handshakeTimeout.clampedMilliseconds, named: "handshakeTimeout")
    if let heartbeat { try apply(heartbeat, to: socket) }
    if let keepAlive { try apply(keepAlive, to: socket) }
    try socket.set(ZMQ_BACKLOG, Int32(clamping: backlog), named: "backlog")
    if ipv6 { try socket.set(ZMQ_IPV6, 1, named: "ipv6") }
    if let socksProxy { try socket.set(ZMQ_SOCKS_PROXY, Array(socksProxy.utf8), named: "socksProxy") }
    if let device { try socket.set(ZMQ_BINDTODEVICE, Array(device.utf8), named: "device") }
    if let typeOfService { try socket.set(ZMQ_TOS, Int32(clamping: typeOfService), named: "typeOfService") }
    if let sendBufferSize { try socket.set(ZMQ_SNDBUF, Int32(clamping: sendBufferSize), named: "sendBufferSize") }
    if let receiveBufferSize {
      try socket.set(ZMQ_RCVBUF, Int32(clamping: receiveBufferSize), named: "receiveBufferSize")
    }
  }

  private func apply(_ heartbeat: Heartbeat, to socket: SocketHandle) throws(ZMQError) {
    try socket.set(ZMQ_HEARTBEAT_IVL, heartbeat.interval.clampedMilliseconds, named: "heartbeat.interval")
    if let timeout = heartbeat.timeout {
      try socket.set(ZMQ_HEARTBEAT_TIMEOUT, timeout.clampedMilliseconds, named: "heartbeat.timeout")
    }
    if let timeToLive = heartbeat.timeToLive {
      try socket.set(ZMQ_HEARTBEAT_TTL, timeToLive.clampedMilliseconds, named: "heartbeat.timeToLive")
    }
  }

  private func apply(_ keepAlive: KeepAlive, to socket: SocketHandle) throws(ZMQError) {
    try socket.set(ZMQ_TCP_KEEPALIVE, 1, named: "keepAlive")
    if let idle = keepAlive.idle {
      try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, idle.clampedSeconds, named: "keepAlive.idle")
    }
    if let interval = keepAlive.interval {
      try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, interval.clampedSeconds, named: "keepAlive.interval")
    }
    if let count = keepAlive.count {
      try socket.set(ZMQ_TCP_KEEPALIVE_CNT, Int32(clamping: count), named: "keepAlive.count")
    }
  }
}

extension Duration {
  /// The duration in milliseconds, rounded up, as libzmq's options take it; what it cannot hold is clamped.
  var clampedMilliseconds: Int32 {
    let nanoseconds = clampedNanoseconds
    return Int32(clamping: nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1))
  }

  /// The duration in seconds, rounded up and at least one.
  var clampedSeconds: Int32 { max(1, Int32(clamping: (Int64(clampedMilliseconds) + 999) / 1_000)) }
}
