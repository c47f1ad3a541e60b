#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  // Messages on their way out: straight to the system, unless they are collected.
  extension ZMTPSocket {
    /// Sends one frame, copying it.
    func send(_ bytes: UnsafeRawBufferPointer, more: Bool) -> SocketHandle.Outcome {
      switch destination {
      case .connection(let connection):
        connection.output.append(bytes, more: more)
        if !more { finish(connection) }
        return .done
      case .other(let socket):
        if !more { destination = nil }
        return socket.send(bytes, more: more)
      case nil: return begin(bytes, more: more)
      }
    }

    /// Sends one frame out of memory that `owner` keeps until it is written.
    func send(_ bytes: UnsafeRawBufferPointer, ownedBy owner: some AnyObject & Sendable, more: Bool)
      -> SocketHandle.Outcome
    {
      switch destination {
      case .connection(let connection):
        connection.output.append(bytes, ownedBy: owner, more: more)
        if !more { finish(connection) }
        return .done
      case .other(let socket):
        if !more { destination = nil }
        return socket.send(bytes, ownedBy: owner, more: more)
      case nil: return begin(bytes, more: more)
      }
    }

    /// Sends one frame of bytes and of others between them, which `owner` keeps until they are written.
    func send(
      _ bytes: UnsafeRawBufferPointer, inserting inserts: [(position: Int, bytes: UnsafeRawBufferPointer)],
      ownedBy owner: some AnyObject & Sendable, more: Bool
    ) -> SocketHandle.Outcome {
      switch destination {
      case .connection(let connection):
        connection.output.append(bytes, inserting: inserts, ownedBy: owner, more: more)
        if !more { finish(connection) }
        return .done
      case .other(let socket):
        if !more { destination = nil }
        return socket.send(bytes, inserting: inserts, ownedBy: owner, more: more)
      case nil: return begin(bytes, more: more)
      }
    }

    /// Finds out where a message goes: by the first frame at a ROUTER, to the peers in turn at a DEALER.
    private func begin(_ bytes: UnsafeRawBufferPointer, more: Bool) -> SocketHandle.Outcome {
      if type == .router {
        guard more else { return .failed(EHOSTUNREACH) }
        guard let connection = peer(bytes) else {
          guard let other else { return .failed(EHOSTUNREACH) }
          let outcome = other.send(bytes, more: true)
          if outcome == .done { destination = .other(other) }
          return outcome
        }
        guard hasRoom(connection) else { return .wouldBlock }
        destination = .connection(connection)
        return .done
      }
      guard let connection = nextPeer() else { return .wouldBlock }
      connection.output.append(bytes, more: more)
      destination = .connection(connection)
      if !more { finish(connection) }
      return .done
    }

    private func peer(_ routingID: UnsafeRawBufferPointer) -> ZMTPConnection? {
      if let number = ZMTPSocket.number(routingID) {
        // Several messages in a row often go to the same peer.
        if let lastPeer, lastPeer.routingNumber == number, lastPeer.isReady { return lastPeer }
        lastPeer = peersByNumber[number]
        return lastPeer?.isReady == true ? lastPeer : nil
      }
      guard let connection = peersByID[Array(routingID)], connection.isReady else { return nil }
      return connection
    }

    /// The number in a routing id that was made here: a zero, and four bytes.
    @inline(__always)
    static func number(_ routingID: UnsafeRawBufferPointer) -> UInt32? {
      guard routingID.count == 5, routingID[0] == 0 else { return nil }
      return UInt32(bigEndian: routingID.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
    }

    /// The peer of a routing id, if its connection is there.
    func connection(of routingID: [UInt8]) -> ZMTPConnection? {
      if let number = routingID.withUnsafeBytes(ZMTPSocket.number) { return peersByNumber[number] }
      return peersByID[routingID]
    }

    private func nextPeer() -> ZMTPConnection? {
      for _ in 0..<peers.count {
        if turn >= peers.count { turn = 0 }
        let connection = peers[turn]
        turn += 1
        if connection.isReady, hasRoom(connection) { return connection }
      }
      return nil
    }

    @inline(__always)
    private func hasRoom(_ connection: ZMTPConnection) -> Bool {
      connection.output.messages < options.sendHighWaterMark || holds > 0 && !connection.awaitsRoom
    }

    /// Whether some peer takes a message.
    var isWritable: Bool { peers.contains { $0.isReady && hasRoom($0) } }

    private func finish(_ connection: ZMTPConnection) {
      destination = nil
      if connection.awaitsRoom { return }
      if holds == 0 || connection.output.messages >= ZMTPSocket.collectedMessages { return flush(connection) }
      guard !connection.isDirty else { return }
      connection.isDirty = true
      dirty.append(connection)
    }

    /// More than these are not collected before they are written.
    private static let collectedMessages = 256

    /// Collects what is sent from now on, up to ``release()``.
    func hold() { holds += 1 }

    /// Writes what was collected.
    func release() {
      holds -= 1
      guard holds == 0, !dirty.isEmpty else { return }
      for connection in dirty {
        connection.isDirty = false
        flush(connection)
      }
      dirty.removeAll(keepingCapacity: true)
    }

    /// Writes what waits, as far as the system takes it.
    func flush(_ connection: ZMTPConnection) {
      guard !connection.isClosed else { return }
      switch connection.output.write(to: connection.descriptor) {
      case .done: expect(connection, room: false)
      case .wouldBlock: expect(connection, room: true)
      case .failed:
        // What can still be read comes first; its end closes the connection.
        connection.isBroken = true
        connection.output = ZMTPOutput()
        shutDescriptor(connection.descriptor)
        expect(connection, room: false)
      }
    }

    private func expect(_ connection: ZMTPConnection, room: Bool) {
      guard connection.awaitsRoom != room else { return }
      connection.awaitsRoom = room
      let events = EPOLLIN.rawValue | (room ? EPOLLOUT.rawValue : 0)
      control(EPOLL_CTL_MOD, connection.descriptor, events, connection.token)
    }
  }
#endif
