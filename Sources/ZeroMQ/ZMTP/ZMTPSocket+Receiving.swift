#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  // Messages on their way in: whole ones only, one connection at a time.
  extension ZMTPSocket {
    /// Receives the next frame. The frames of a message come all or not at all.
    func receive(into message: UnsafeMutablePointer<zmq_msg_t>) -> SocketHandle.Outcome {
      if source == .none {
        guard findMessage() else { return receiveFromOther(into: message) }
        if type == .router, let reading {
          hasMore = true
          return reading.routingID.withUnsafeBytes { copy($0, into: message) }
        }
      }
      switch source {
      case .buffer:
        let bytes = nextFrame()
        return copy(bytes, into: message)
      case .assembly:
        hasMore = reading?.assembly?.take(into: message) ?? false
        if !hasMore {
          reading?.assembly = nil
          source = .none
        }
        return .done
      case .other, .none: return receiveFromOther(into: message)
      }
    }

    /// Whether there is more to receive at once.
    var isReadable: Bool {
      source != .none || bufferStart < bufferEnd || nextEvent < eventCount || other?.isReadable == true
    }

    private func receiveFromOther(into message: UnsafeMutablePointer<zmq_msg_t>) -> SocketHandle.Outcome {
      guard let other else { return .wouldBlock }
      let outcome = other.receive(into: message)
      hasMore = outcome == .done && zmq_msg_more(message) != 0
      source = hasMore ? .other : .none
      return outcome
    }

    @inline(__always)
    private func copy(
      _ bytes: UnsafeRawBufferPointer, into message: UnsafeMutablePointer<zmq_msg_t>
    ) -> SocketHandle.Outcome {
      zmq_msg_close(message)
      guard zmq_msg_init_size(message, bytes.count) == 0 else {
        zmq_msg_init(message)
        return .failed(ENOMEM)
      }
      if let base = bytes.baseAddress, let target = zmq_msg_data(message) {
        target.copyMemory(from: base, byteCount: bytes.count)
      }
      return .done
    }

    // MARK: Messages

    /// Takes the next frame out of the buffer, where all of the message is.
    private func nextFrame() -> UnsafeRawBufferPointer {
      let base = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped)
      let flags = base.load(fromByteOffset: bufferStart, as: UInt8.self)
      let (header, count) = ZMTPSocket.sizes(base + bufferStart, flags)
      let content = UnsafeRawBufferPointer(start: base + bufferStart + header, count: Int(count))
      bufferStart += header + Int(count)
      hasMore = flags & ZMTPWire.Flag.more != 0
      if !hasMore { source = .none }
      return content
    }

    @inline(__always)
    private static func sizes(_ frame: UnsafeRawPointer, _ flags: UInt8) -> (header: Int, count: UInt64) {
      if flags & ZMTPWire.Flag.large == 0 { return (2, UInt64(frame.load(fromByteOffset: 1, as: UInt8.self))) }
      return (ZMTPWire.longestHeader, UInt64(bigEndian: frame.loadUnaligned(fromByteOffset: 1, as: UInt64.self)))
    }

    /// Looks for the next whole message, and reads as long as there is none.
    private func findMessage() -> Bool {
      while true {
        if let reading {
          if bufferStart < bufferEnd || reading.assembly?.isComplete == true, scan(reading) { return true }
          self.reading = nil
        }
        guard readNext() else { return false }
      }
    }

    /// Looks for a whole message in the buffer; otherwise puts aside what there is.
    private func scan(_ connection: ZMTPConnection) -> Bool {
      if connection.handshake != nil {
        guard shakeHands(connection) else { return false }
      }
      if connection.assembly != nil { return assemble(connection) }
      let base = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped)
      var position = bufferStart
      while true {
        let available = bufferEnd - position
        guard available >= 2 else { break }
        let flags = base.load(fromByteOffset: position, as: UInt8.self)
        guard available >= (flags & ZMTPWire.Flag.large == 0 ? 2 : ZMTPWire.longestHeader) else { break }
        let (header, count) = ZMTPSocket.sizes(base + position, flags)
        guard isAllowed(count, flags, connection) else { return false }
        guard count <= UInt64(available - header) else {
          // What fits into the buffer together waits for the rest; what does not gets memory of its own.
          if flags & ZMTPWire.Flag.command != 0
            || position - bufferStart + header + Int(count) <= ZMTPSocket.bufferSize / 2
          {
            break
          }
          connection.assembly = ZMTPAssembly()
          connection.sendsLargeMessages = true
          return assemble(connection)
        }
        let end = position + header + Int(count)
        if flags & ZMTPWire.Flag.command != 0 {
          // libzmq sends a PING between the frames of a message too.
          guard position == bufferStart else {
            connection.assembly = ZMTPAssembly()
            return assemble(connection)
          }
          handle(UnsafeRawBufferPointer(start: base + position + header, count: Int(count)), connection)
          bufferStart = end
        } else if flags & ZMTPWire.Flag.more == 0 {
          connection.sendsLargeMessages = false
          source = .buffer
          return true
        }
        position = end
      }
      // Many small frames: together they get memory of their own too, or no room would be left to read into.
      if bufferEnd - bufferStart > ZMTPSocket.bufferSize / 2 {
        connection.assembly = ZMTPAssembly()
        return assemble(connection)
      }
      putAside(connection)
      return false
    }

    /// Ends the connection of a peer that sends more than is accepted.
    private func isAllowed(_ count: UInt64, _ flags: UInt8, _ connection: ZMTPConnection) -> Bool {
      if flags & ZMTPWire.Flag.command != 0 {
        if count <= ZMTPWire.longestCommand { return true }
      } else if count <= frameLimit {
        // Of a message of many frames, those before this one must leave room too; the buffer's worth is always allowed.
        let before = connection.assembly?.size ?? 0
        if before <= frameLimit || before <= UInt64(ZMTPSocket.bufferSize) { return true }
      }
      lose(connection)
      return false
    }

    private func putAside(_ connection: ZMTPConnection) {
      if bufferStart < bufferEnd {
        connection.stash.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[bufferStart..<bufferEnd]))
      }
      (bufferStart, bufferEnd) = (0, 0)
    }

    /// Moves frames from the buffer into a message of its own; true when all of it is there.
    private func assemble(_ connection: ZMTPConnection) -> Bool {
      guard let assembly = connection.assembly else { return false }
      let base = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped)
      while !assembly.isComplete {
        // Reading has filled as much as it could.
        guard assembly.rest.isEmpty else { break }
        let available = bufferEnd - bufferStart
        guard available >= 2 else { break }
        let flags = base.load(fromByteOffset: bufferStart, as: UInt8.self)
        guard available >= (flags & ZMTPWire.Flag.large == 0 ? 2 : ZMTPWire.longestHeader) else { break }
        let (header, count) = ZMTPSocket.sizes(base + bufferStart, flags)
        guard isAllowed(count, flags, connection) else { return false }
        if flags & ZMTPWire.Flag.command != 0 {
          guard count <= UInt64(available - header) else { break }
          handle(UnsafeRawBufferPointer(start: base + bufferStart + header, count: Int(count)), connection)
          bufferStart += header + Int(count)
          continue
        }
        let present = min(Int(count), available - header)
        let content = UnsafeRawBufferPointer(start: base + bufferStart + header, count: present)
        guard assembly.begin(Int(count), with: content, more: flags & ZMTPWire.Flag.more != 0) else {
          lose(connection)
          return false
        }
        bufferStart += header + present
      }
      if assembly.isComplete {
        source = .assembly
        return true
      }
      putAside(connection)
      return false
    }

    private func handle(_ content: UnsafeRawBufferPointer, _ connection: ZMTPConnection) {
      // A peer that does not read gets no answers to keep for it.
      guard !connection.awaitsRoom, let (name, rest) = ZMTPWire.parseCommand(content), name == "PING",
        rest.count >= 2, rest.count <= 18
      else { return }
      // The context, behind the time to live.
      connection.output.append(raw: ZMTPWire.command("PONG", Array(rest.dropFirst(2))))
      flush(connection)
    }

    /// Goes on with the handshake; true when it is over and the buffer holds what follows.
    private func shakeHands(_ connection: ZMTPConnection) -> Bool {
      guard var handshake = connection.handshake else { return true }
      // Not inside the connection while it is changed.
      connection.handshake = nil
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[bufferStart..<bufferEnd])
      let (consumed, result) = handshake.receive(bytes)
      bufferStart += consumed
      connection.handshake = handshake
      switch result {
      case .incomplete:
        sendHandshake(connection)
        return false
      case .ready(let routingID):
        sendHandshake(connection)
        if admit(connection, routingID) { return true }
        report(.handshakeFailedProtocol, connection.endpoint, ZMTPHandshake.Violation.invalidMetadata)
      case .violation(let number): report(.handshakeFailedProtocol, connection.endpoint, number)
      case .refused(let status): report(.handshakeFailedAuth, connection.endpoint, status)
      }
      lose(connection, retryAfterAtLeast: 1_000_000_000)
      return false
    }

    // MARK: Reading

    /// Reads from the next connection that has something, and sees to everything else that was reported meanwhile; false
    /// when nothing is left.
    private func readNext() -> Bool {
      // Most clients have one peer: it is read without asking first who has something. Now and then others are asked.
      if !hasPolled, nextEvent == eventCount, peers.count == 1, readsWithoutPolling < 16 {
        readsWithoutPolling += 1
        if peers[0].output.isEmpty, read(peers[0]) {
          hasPolled = true
          return true
        }
      }
      while true {
        while nextEvent < eventCount {
          let event = events[nextEvent]
          nextEvent += 1
          if see(event.events, event.data.u64) { return true }
        }
        if hasPolled {
          hasPolled = false
          return false
        }
        hasPolled = true
        readsWithoutPolling = 0
        nextEvent = 0
        eventCount = max(0, Int(epoll_wait(epoll, events.baseAddress, Int32(events.count), 0)))
      }
    }

    /// Sees to one report; true when something was read.
    private func see(_ events: UInt32, _ token: UInt64) -> Bool {
      if token == ZMTPSocket.timerToken {
        timerFired()
        return false
      }
      switch entry(token) {
      case .listener(let listener): accept(listener)
      case .connector(let connector): proceed(connector)
      case .connection(let connection):
        if events & EPOLLOUT.rawValue != 0 { flush(connection) }
        if events & ~EPOLLOUT.rawValue != 0 { return read(connection) }
      case .other, nil: break
      }
      return false
    }

    /// How much is read of what is expected to be the beginning of a large message, in bytes.
    private static let smallRead = 2_048
    /// How much of a large message is read at once, so that nobody else waits long, in bytes.
    private static let largestRead = 1 << 20

    /// Reads what has come by a connection; true when the buffer holds some of it, or a large message is whole.
    private func read(_ connection: ZMTPConnection) -> Bool {
      guard !connection.isClosed else { return false }
      let kept = connection.stash.count
      if kept > 0 {
        connection.stash.withUnsafeBytes { buffer.copyMemory(from: $0) }
        connection.stash.removeAll(keepingCapacity: kept <= 1_024)
      }
      (bufferStart, bufferEnd) = (0, kept)
      // What a large message has in the buffer is copied out of it again, so little of it should come there.
      let room = connection.sendsLargeMessages ? min(kept + ZMTPSocket.smallRead, buffer.count) : buffer.count
      let space = UnsafeMutableRawBufferPointer(rebasing: buffer[kept..<room])
      var count: Int
      if let rest = connection.assembly?.rest, !rest.isEmpty {
        let part = min(rest.count, ZMTPSocket.largestRead)
        count =
          part < rest.count
          ? readDescriptor(connection.descriptor, UnsafeMutableRawBufferPointer(rebasing: rest[..<part]))
          : withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { pieces in
            pieces[0] = iovec(iov_base: rest.baseAddress, iov_len: rest.count)
            pieces[1] = iovec(iov_base: space.baseAddress, iov_len: space.count)
            return readv(connection.descriptor, pieces.baseAddress, 2)
          }
        if count > 0 {
          let filled = min(count, rest.count)
          connection.assembly?.fill(filled)
          bufferEnd += count - filled
          reading = connection
          return true
        }
      } else {
        count = readDescriptor(connection.descriptor, space)
        if count > 0 {
          bufferEnd += count
          reading = connection
          return true
        }
      }
      let number = errno
      if kept > 0 { putAside(connection) }
      if count < 0, number == EAGAIN || number == EINTR { return false }
      if connection.handshake != nil {
        report(.handshakeFailedNoDetail, connection.endpoint, UInt32(bitPattern: count == 0 ? EPIPE : number))
      }
      lose(connection)
      return false
    }
  }
#endif
