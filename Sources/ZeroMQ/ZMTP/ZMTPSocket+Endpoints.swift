#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  // Where the socket listens and what it connects to.
  extension ZMTPSocket {
    /// Whether the socket knows how to connect to an endpoint itself.
    static func canConnect(to endpoint: String) -> Bool { ZMTPAddress.toConnect(endpoint) != nil }

    // MARK: Binding

    /// Binds to an endpoint and returns the real one, with the port that the system chose.
    func bind(_ endpoint: String) throws(ZMQError) -> String {
      guard let address = ZMTPAddress.toBind(endpoint) else { return try openedOther().bind(endpoint) }
      let descriptor = openStreamSocket(address.family)
      guard descriptor >= 0 else { throw SocketHandle.endpointError("bind", endpoint, errno) }
      let path = address.isTCP ? nil : endpoint.suffix(behind: "ipc://")
      if address.isTCP {
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if address.family == AF_INET6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
      } else if let path, !path.hasPrefix("@") {
        // What a process left that ended without closing.
        unlink(path)
      }
      guard bindDescriptor(descriptor, address), listen(descriptor, options.backlog) == 0 else {
        let number = errno
        closeDescriptor(descriptor)
        throw SocketHandle.endpointError("bind", endpoint, number)
      }
      let listener = ZMTPListener(
        descriptor, endpoint: ZMTPAddress.endpoint(of: descriptor) ?? endpoint,
        path: path.flatMap { $0.hasPrefix("@") ? nil : $0 }, isTCP: address.isTCP)
      listener.token = add(.listener(listener), descriptor, EPOLLIN.rawValue)
      report(.listening, listener.endpoint, UInt32(bitPattern: descriptor))
      return listener.endpoint
    }

    /// Stops listening at an endpoint, and ends the connections that came by it, as libzmq does.
    func unbind(_ endpoint: String) throws(ZMQError) {
      for case .listener(let listener)? in entries.map(\.entry) where listener.endpoint == endpoint {
        close(listener)
        for case .connection(let connection)? in entries.map(\.entry) {
          if case .listener(let origin) = connection.origin, origin === listener { end(connection) }
        }
        return
      }
      guard let other else { throw SocketHandle.endpointError("unbind", endpoint, ENOENT) }
      try other.unbind(endpoint)
    }

    func close(_ listener: ZMTPListener) {
      remove(listener.token)
      report(.closed, listener.endpoint, UInt32(bitPattern: listener.descriptor))
      if let path = listener.path { unlink(path) }
      control(EPOLL_CTL_DEL, listener.descriptor, 0, 0)
      closeDescriptor(listener.descriptor)
    }

    /// Takes the connections that have come.
    func accept(_ listener: ZMTPListener) {
      for _ in 0..<16 {
        let descriptor = acceptDescriptor(listener.descriptor)
        if descriptor >= 0 {
          report(.accepted, listener.endpoint, UInt32(bitPattern: descriptor))
          start(descriptor, .listener(listener), isTCP: listener.isTCP)
          continue
        }
        switch errno {
        case EINTR, ECONNABORTED: continue
        case EAGAIN: return
        default:
          // Descriptors or memory ran out: the connection stays where it is, and others get a chance to free some.
          report(.acceptFailed, listener.endpoint, UInt32(bitPattern: errno))
          control(EPOLL_CTL_MOD, listener.descriptor, 0, listener.token)
          listener.resumption = MonotonicTime.now() &+ ZMTPSocket.acceptPause
          wake(at: listener.resumption)
          return
        }
      }
    }

    // MARK: Connecting

    /// Starts connecting to an endpoint; the peer need not exist yet.
    func connect(_ endpoint: String) throws(ZMQError) {
      guard let target = ZMTPAddress.toConnect(endpoint) else { return try openedOther().connect(endpoint) }
      let connector = ZMTPConnector(endpoint, target)
      connector.token = add(.connector(connector), -1, 0)
      connect(connector)
    }

    /// Gives an endpoint up, with the connection to it.
    func disconnect(_ endpoint: String) throws(ZMQError) {
      for case .connector(let connector)? in entries.map(\.entry) where connector.endpoint == endpoint {
        close(connector)
        return
      }
      guard let other else { throw SocketHandle.endpointError("disconnect", endpoint, ENOENT) }
      try other.disconnect(endpoint)
    }

    func close(_ connector: ZMTPConnector) {
      let state = connector.state
      connector.state = .closed
      remove(connector.token)
      switch state {
      case .connecting(let descriptor):
        control(EPOLL_CTL_DEL, descriptor, 0, 0)
        closeDescriptor(descriptor)
      case .resolving(let resolution): control(EPOLL_CTL_DEL, resolution.descriptor, 0, 0)
      case .connected(let connection): end(connection)
      case .waiting, .closed: break
      }
    }

    func connect(_ connector: ZMTPConnector) {
      switch connector.target {
      case .address(let address): connect(connector, address)
      case .name(let name, let port):
        guard let resolution = ZMTPNameResolution(name, port: port) else { return retry(connector) }
        connector.state = .resolving(resolution)
        control(EPOLL_CTL_ADD, resolution.descriptor, EPOLLIN.rawValue, connector.token)
      }
    }

    private func connect(_ connector: ZMTPConnector, _ address: ZMTPAddress) {
      let descriptor = openStreamSocket(address.family)
      guard descriptor >= 0 else { return retry(connector) }
      if connectDescriptor(descriptor, address) {
        connected(connector, descriptor)
      } else if errno == EINPROGRESS {
        report(.connectDelayed, connector.endpoint, UInt32(bitPattern: EINPROGRESS))
        connector.state = .connecting(descriptor)
        control(EPOLL_CTL_ADD, descriptor, EPOLLOUT.rawValue, connector.token)
      } else {
        report(.closed, connector.endpoint, UInt32(bitPattern: descriptor))
        closeDescriptor(descriptor)
        retry(connector)
      }
    }

    /// Goes on with a connector of whose descriptor something was reported.
    func proceed(_ connector: ZMTPConnector) {
      switch connector.state {
      case .resolving(let resolution):
        control(EPOLL_CTL_DEL, resolution.descriptor, 0, 0)
        if let address = resolution.address { connect(connector, address) } else { retry(connector) }
      case .connecting(let descriptor):
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size)
        control(EPOLL_CTL_DEL, descriptor, 0, 0)
        if number == 0 { return connected(connector, descriptor) }
        report(.closed, connector.endpoint, UInt32(bitPattern: descriptor))
        closeDescriptor(descriptor)
        retry(connector)
      case .waiting, .connected, .closed: break
      }
    }

    private func connected(_ connector: ZMTPConnector, _ descriptor: Int32) {
      report(.connected, connector.endpoint, UInt32(bitPattern: descriptor))
      let isTCP = connector.endpoint.hasPrefix("tcp")
      connector.state = .connected(start(descriptor, .connector(connector), isTCP: isTCP))
    }

    /// Tries again in a while: the interval and a random part of it, so that not all clients of a server come back at once.
    func retry(_ connector: ZMTPConnector, afterAtLeast least: UInt64 = 0) {
      let interval = max(options.reconnectInterval.clampedNanoseconds, 1_000_000, least)
      let wait = interval &+ UInt64.random(in: 0..<interval)
      report(.connectRetried, connector.endpoint, UInt32(clamping: wait / 1_000_000))
      let due = MonotonicTime.now() &+ wait
      connector.state = .waiting(until: due)
      wake(at: due)
    }

    // MARK: Connections

    /// Begins the handshake of a new connection.
    @discardableResult
    private func start(_ descriptor: Int32, _ origin: ZMTPConnection.Origin, isTCP: Bool) -> ZMTPConnection {
      if isTCP { prepareTCP(descriptor) }
      let patience = options.handshakeTimeout.clampedNanoseconds
      let deadline = patience == 0 ? UInt64.max : MonotonicTime.now() &+ patience
      let connection = ZMTPConnection(descriptor, origin, type, handshakeDeadline: deadline)
      connection.token = add(.connection(connection), descriptor, EPOLLIN.rawValue)
      wake(at: deadline)
      sendHandshake(connection)
      return connection
    }

    func sendHandshake(_ connection: ZMTPConnection) {
      guard let output = connection.handshake?.output, !output.isEmpty else { return }
      connection.handshake?.output = []
      connection.output.append(raw: output)
      flush(connection)
    }

    /// Has messages flow by a connection, whose handshake is over; false when the peer's routing id is in use.
    func admit(_ connection: ZMTPConnection, _ routingID: [UInt8]) -> Bool {
      if type == .router {
        if routingID.isEmpty {
          connection.routingID = withUnsafeBytes(of: nextRoutingNumber.bigEndian) { [0] + Array($0) }
          connection.routingNumber = nextRoutingNumber
          peersByNumber[nextRoutingNumber] = connection
          nextRoutingNumber &+= 1
        } else {
          guard routingID.count <= 255, routingID[0] != 0, peersByID[routingID] == nil else { return false }
          connection.routingID = routingID
          peersByID[routingID] = connection
        }
      }
      connection.handshake = nil
      peers.append(connection)
      report(.handshakeSucceeded, connection.endpoint, 0)
      return true
    }

    /// Ends a connection that the peer has closed or that broke, and tries again if this side had made it.
    func lose(_ connection: ZMTPConnection, retryAfterAtLeast least: UInt64 = 0) {
      guard !connection.isClosed else { return }
      forget(connection)
      closeDescriptor(connection.descriptor)
      if case .connector(let connector) = connection.origin, case .connected = connector.state {
        retry(connector, afterAtLeast: least)
      }
    }

    /// Ends a connection from this side: what was sent still leaves, within the linger.
    func end(_ connection: ZMTPConnection) {
      guard !connection.isClosed else { return }
      if !connection.output.isEmpty, !connection.isBroken { flush(connection) }
      forget(connection)
      var output = ZMTPOutput()
      swap(&output, &connection.output)
      ZMTPLinger.close(connection.descriptor, output, within: connection.isBroken ? .zero : options.linger)
    }

    private func forget(_ connection: ZMTPConnection) {
      connection.isClosed = true
      remove(connection.token)
      // Before it is closed: the descriptor may live on for as long as it lingers.
      control(EPOLL_CTL_DEL, connection.descriptor, 0, 0)
      if let index = peers.firstIndex(where: { $0 === connection }) { peers.remove(at: index) }
      if let number = connection.routingNumber {
        peersByNumber[number] = nil
      } else if !connection.routingID.isEmpty {
        peersByID[connection.routingID] = nil
      }
      if lastPeer === connection { lastPeer = nil }
      if reading === connection {
        reading = nil
        (bufferStart, bufferEnd) = (0, 0)
      }
      report(.disconnected, connection.endpoint, UInt32(bitPattern: connection.descriptor))
    }

    // MARK: The rest

    /// libzmq's socket for what this one does not know.
    func openedOther() throws(ZMQError) -> SocketHandle {
      if let other { return other }
      let socket = try openOther()
      do { try monitor?.follow(socket) } catch {
        socket.close()
        throw error
      }
      other = socket
      _ = add(.other(socket), socket.descriptor, EPOLLIN.rawValue)
      return socket
    }

    /// Closes everything. What was sent still leaves, within the linger.
    func close() {
      for entry in entries.map(\.entry) {
        switch entry {
        case .listener(let listener): close(listener)
        case .connector(let connector): close(connector)
        case .connection(let connection): end(connection)
        case .other(let socket): socket.close()
        case nil: break
        }
      }
      monitor?.stop()
    }
  }
#endif
