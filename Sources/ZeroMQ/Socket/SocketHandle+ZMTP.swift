internal import CZeroMQ

// Handles of sockets whose connections the event loop serves: see `ZMTP/`. Their addresses are marked by the second lowest bit.
extension SocketHandle {
  /// Whether this is no socket of libzmq's, but a simulated one or one that the event loop serves.
  @inline(__always)
  var isOwn: Bool { UInt(bitPattern: raw) & 3 != 0 }

  /// Whether the event loop serves the socket's connections.
  @inline(__always)
  package var isServedByLoop: Bool { UInt(bitPattern: raw) & 2 != 0 }

  /// Whether ``descriptor`` may stay silent about what was there before the socket was used last, so that its owner has to
  /// look for itself.
  @inline(__always)
  package var isEdgeTriggered: Bool {
    #if os(Linux)
      if isServedByLoop { return zmtp.other != nil }
    #endif
    return true
  }

  /// The network address of a ROUTER's peer; nil when the peer is gone or has none, or libzmq has received its messages, where
  /// each frame knows it.
  package func peerAddress(_ routingID: [UInt8]) -> String? {
    #if os(Linux)
      if isServedByLoop { return zmtp.connection(of: routingID).flatMap { ZMTPAddress.peer(of: $0.descriptor) } }
    #endif
    return nil
  }

  /// Collects what is sent from now on, where that saves system calls, up to ``release()``.
  @inline(__always)
  package func hold() {
    #if os(Linux)
      if isServedByLoop { zmtp.hold() }
    #endif
  }

  /// Sends what was collected since ``hold()``.
  @inline(__always)
  package func release() {
    #if os(Linux)
      if isServedByLoop { zmtp.release() }
    #endif
  }

  /// Starts reporting what happens to the socket's connections. Its owner calls it before it binds or connects.
  package func monitor(
    in context: ZMQContext, reporting kinds: [ZMQMonitorEvent.Kind]? = nil, _ handler: @escaping SocketMonitor.Handler
  ) throws(ZMQError) {
    #if os(Linux)
      if isServedByLoop {
        zmtp.monitor = ZMTPMonitor(context, reporting: kinds, handler)
        return
      }
    #endif
    _ = try SocketMonitor(self, in: context, reporting: kinds, handler)
  }

  #if os(Linux)
    /// Makes a handle of a socket, which it keeps alive until ``close()``.
    init(_ socket: ZMTPSocket) {
      self.init(Unmanaged.passRetained(socket).toOpaque() + 2)
    }

    private var unmanaged: Unmanaged<ZMTPSocket> { Unmanaged<ZMTPSocket>.fromOpaque(raw - 2) }

    /// The socket; only when ``isServedByLoop``.
    @inline(__always)
    var zmtp: ZMTPSocket { unmanaged._withUnsafeGuaranteedRef { $0 } }

    @inline(never)
    func closeZMTP() {
      zmtp.close()
      unmanaged.release()
    }
  #endif

  /// Sends a frame that consists of bytes and of others that are inserted between them, each before a position, without copying
  /// these: `owner` keeps all of them alive. libzmq sends a frame from one place only, so for it they are put together.
  package func send(
    _ bytes: UnsafeRawBufferPointer, inserting inserts: [(position: Int, bytes: UnsafeRawBufferPointer)],
    ownedBy owner: some AnyObject & Sendable, more: Bool
  ) -> Outcome {
    #if os(Linux)
      if isServedByLoop { return zmtp.send(bytes, inserting: inserts, ownedBy: owner, more: more) }
    #endif
    var message = zmq_msg_t()
    let size = inserts.reduce(bytes.count) { $0 + $1.bytes.count }
    guard zmq_msg_init_size(&message, size) == 0, let target = zmq_msg_data(&message) else { return .failed(ENOMEM) }
    var end = 0
    SocketHandle.pieces(of: bytes, inserting: inserts) { piece, _ in
      if let base = piece.baseAddress { (target + end).copyMemory(from: base, byteCount: piece.count) }
      end += piece.count
    }
    let outcome = send(&message, more: more)
    if outcome != .done { zmq_msg_close(&message) }
    return outcome
  }

  /// Hands out the pieces in their order, with whether they are inserted ones.
  static func pieces(
    of bytes: UnsafeRawBufferPointer, inserting inserts: [(position: Int, bytes: UnsafeRawBufferPointer)],
    _ body: (UnsafeRawBufferPointer, _ isInserted: Bool) -> Void
  ) {
    var start = 0
    for insert in inserts {
      body(UnsafeRawBufferPointer(rebasing: bytes[start..<insert.position]), false)
      body(insert.bytes, true)
      start = insert.position
    }
    body(UnsafeRawBufferPointer(rebasing: bytes[start...]), false)
  }

  // MARK: One of ours

  @inline(never)
  func sendOwn(_ bytes: UnsafeRawBufferPointer, more: Bool) -> Outcome {
    #if os(Linux)
      if isServedByLoop { return zmtp.send(bytes, more: more) }
    #endif
    return sendSimulated(bytes, more: more)
  }

  @inline(never)
  func sendOwn(_ message: UnsafeMutablePointer<zmq_msg_t>, more: Bool) -> Outcome {
    #if os(Linux)
      if isServedByLoop {
        let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
        let outcome = zmtp.send(bytes, more: more)
        if outcome == .done {
          zmq_msg_close(message)
          zmq_msg_init(message)
        }
        return outcome
      }
    #endif
    return sendSimulated(message, more: more)
  }

  @inline(never)
  func receiveOwn(into message: UnsafeMutablePointer<zmq_msg_t>) -> Outcome {
    #if os(Linux)
      if isServedByLoop { return zmtp.receive(into: message) }
    #endif
    return receiveSimulated(into: message)
  }

  func bindOwn(_ endpoint: String) throws(ZMQError) -> String {
    #if os(Linux)
      if isServedByLoop { return try zmtp.bind(endpoint) }
    #endif
    return try memory.bind(endpoint)
  }

  func connectOwn(_ endpoint: String) throws(ZMQError) {
    #if os(Linux)
      if isServedByLoop { return try zmtp.connect(endpoint) }
    #endif
    try memory.connect(endpoint)
  }

  func unbindOwn(_ endpoint: String) throws(ZMQError) {
    #if os(Linux)
      if isServedByLoop { return try zmtp.unbind(endpoint) }
    #endif
    try memory.detach(endpoint)
  }

  func disconnectOwn(_ endpoint: String) throws(ZMQError) {
    #if os(Linux)
      if isServedByLoop { return try zmtp.disconnect(endpoint) }
    #endif
    try memory.detach(endpoint)
  }

  func integerOwn(_ option: Int32) -> Int32 {
    #if os(Linux)
      if isServedByLoop {
        switch option {
        case ZMQ_FD: return zmtp.descriptor
        case ZMQ_EVENTS: return (zmtp.isReadable ? ZMQ_POLLIN : 0) | (zmtp.isWritable ? ZMQ_POLLOUT : 0)
        default: return 0
        }
      }
    #endif
    return integerSimulated(option)
  }

  func setOwn(_ option: Int32, _ value: Int64) {
    // Those of a socket that the loop serves are given when it is made.
    if !isServedByLoop { setSimulated(option, value) }
  }
}

extension Frame {
  /// Whether more frames of the same message follow, when this one came from `socket`.
  @inline(__always)
  package mutating func hasMore(from socket: SocketHandle) -> Bool {
    if !socket.isOwn { return hasMore }
    #if os(Linux)
      if socket.isServedByLoop { return socket.zmtp.hasMore }
    #endif
    return socket.memory.hasMore
  }
}
