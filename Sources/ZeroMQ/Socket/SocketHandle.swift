package import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Wraps a libzmq socket. Not thread-safe: its owner serialises every use, by a lock held over each operation.
///
/// A mutex between two uses is the full fence that libzmq asks for when a socket moves between threads
/// (zmq_socket(3), "Thread safety").
package struct SocketHandle: @unchecked Sendable {  // a C handle; the owner's lock serialises its use
  let raw: UnsafeMutableRawPointer

  init(_ raw: UnsafeMutableRawPointer) { self.raw = raw }

  /// Says how an attempt to send or receive ended.
  package enum Outcome: Equatable {
    case done
    case wouldBlock
    case failed(Int32)
  }

  // MARK: Sending and receiving

  /// Sends one frame without waiting; the bytes are copied.
  @inline(__always)
  package func send(_ bytes: UnsafeRawBufferPointer, more: Bool) -> Outcome {
    if isOwn { return sendOwn(bytes, more: more) }
    let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
    return outcome(zmq_send(raw, bytes.baseAddress, bytes.count, flags))
  }

  /// Sends one frame without waiting; on `.done` libzmq owns the message's content.
  @inline(__always)
  package func send(_ message: UnsafeMutablePointer<zmq_msg_t>, more: Bool) -> Outcome {
    if isOwn { return sendOwn(message, more: more) }
    let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
    return outcome(zmq_msg_send(message, raw, flags))
  }

  /// Receives one frame without waiting into an initialised message, whose former content is released.
  @inline(__always)
  package func receive(into message: UnsafeMutablePointer<zmq_msg_t>) -> Outcome {
    if isOwn { return receiveOwn(into: message) }
    return outcome(zmq_msg_recv(message, raw, ZMQ_DONTWAIT))
  }

  @inline(__always)
  private func outcome(_ result: Int32) -> Outcome {
    if result >= 0 { return .done }
    let number = zmq_errno()
    return number == EAGAIN || number == EINTR ? .wouldBlock : .failed(number)
  }

  // MARK: Endpoints

  /// Binds to an endpoint and returns the real one, with the port that the system chose.
  package func bind(_ endpoint: String) throws(ZMQError) -> String {
    try checkPort(endpoint)
    if isOwn { return try bindOwn(endpoint) }
    guard zmq_bind(raw, endpoint) == 0 else { throw SocketHandle.endpointError("bind", endpoint, zmq_errno()) }
    return string(ZMQ_LAST_ENDPOINT) ?? endpoint
  }

  /// Starts connecting to an endpoint; the peer need not exist yet.
  package func connect(_ endpoint: String) throws(ZMQError) {
    try checkPort(endpoint)
    if isOwn { return try connectOwn(endpoint) }
    guard zmq_connect(raw, endpoint) == 0 else { throw SocketHandle.endpointError("connect", endpoint, zmq_errno()) }
  }

  /// Stops listening at an endpoint.
  package func unbind(_ endpoint: String) throws(ZMQError) {
    if isOwn { return try unbindOwn(endpoint) }
    guard zmq_unbind(raw, endpoint) == 0 else { throw SocketHandle.endpointError("unbind", endpoint, zmq_errno()) }
  }

  /// Disconnects from an endpoint.
  package func disconnect(_ endpoint: String) throws(ZMQError) {
    if isOwn { return try disconnectOwn(endpoint) }
    guard zmq_disconnect(raw, endpoint) == 0 else {
      throw SocketHandle.endpointError("disconnect", endpoint, zmq_errno())
    }
  }

  /// Refuses a TCP port above 65535, which libzmq would take modulo 65536.
  private func checkPort(_ endpoint: String) throws(ZMQError) {
    guard endpoint.hasPrefix("tcp://"), let port = endpoint.split(separator: ":").last, let number = UInt64(port),
      number > 65_535
    else { return }
    throw ZMQError(
      code: .invalidArgument, message: "cannot use '\(endpoint)': the port is above 65535, the highest there is")
  }

  /// Explains why an endpoint cannot be used, by the system's or libzmq's error number.
  static func endpointError(_ verb: String, _ endpoint: String, _ number: Int32) -> ZMQError {
    let code = ZMQError.Code(number: number)
    let multicast = ["pgm", "epgm", "norm"].contains { endpoint.hasPrefix($0 + "://") }
    let advice: String
    switch code {
    case .addressInUse: advice = "another process or socket is bound to it; stop that one or choose another port"
    case .addressNotAvailable, .init(number: ENODEV):
      advice = "this machine has no such interface or address; bind to one of its own, or to tcp://*:PORT"
    case .invalidArgument where multicast:
      advice = "the endpoint is malformed; write it as epgm://INTERFACE;MULTICAST-ADDRESS:PORT"
    case .invalidArgument:
      advice = "the endpoint is malformed; write it as tcp://HOST:PORT, ipc://PATH or inproc://NAME"
    case .transportNotSupported where multicast:
      advice = "this libzmq was built without this transport; use tcp, or install a libzmq that has it"
    case .transportNotSupported: advice = "this transport is unknown; use tcp, ipc or inproc"
    case .transportIncompatible:
      advice = "this transport carries only PUB, SUB, XPUB and XSUB; use tcp, ipc or inproc"
    case .permissionDenied: advice = "the process lacks the permission; check the port number or the path's rights"
    case .nameTooLong: advice = "the path is longer than the system allows for sockets; use a shorter or a relative one"
    case .notFound where verb == "bind": advice = "the directory does not exist"
    case .notFound: advice = "it does not exist here"
    default: advice = code.description
    }
    return ZMQError(code: code, message: "cannot \(verb) '\(endpoint)': \(advice)")
  }

  // MARK: Options

  /// Sets an option whose value is a 32-bit integer.
  package func set(_ option: Int32, _ value: Int32, named name: String) throws(ZMQError) {
    if isOwn { return setOwn(option, Int64(value)) }
    var value = value
    guard zmq_setsockopt(raw, option, &value, MemoryLayout<Int32>.size) == 0 else {
      throw ZMQError.last("cannot set the socket option \(name) to \(value)")
    }
  }

  /// Sets an option whose value is a 64-bit integer.
  package func set64(_ option: Int32, _ value: Int64, named name: String) throws(ZMQError) {
    if isOwn { return setOwn(option, value) }
    var value = value
    guard zmq_setsockopt(raw, option, &value, MemoryLayout<Int64>.size) == 0 else {
      throw ZMQError.last("cannot set the socket option \(name) to \(value)")
    }
  }

  /// Sets an option whose value is a byte string.
  package func set(_ option: Int32, _ bytes: [UInt8], named name: String) throws(ZMQError) {
    // A key, an address: nothing that a simulation follows, or a socket that the loop serves.
    if isOwn { return }
    guard zmq_setsockopt(raw, option, bytes, bytes.count) == 0 else {
      throw ZMQError.last("cannot set the socket option \(name)")
    }
  }

  /// Reads an option whose value is a 32-bit integer; 0 when libzmq refuses.
  package func integer(_ option: Int32) -> Int32 {
    if isOwn { return integerOwn(option) }
    var value: Int32 = 0
    var size = MemoryLayout<Int32>.size
    _ = zmq_getsockopt(raw, option, &value, &size)
    return value
  }

  /// Reads an option whose value is text.
  package func string(_ option: Int32) -> String? {
    if isOwn { return nil }
    var buffer = [UInt8](repeating: 0, count: 1024)
    var size = buffer.count
    guard zmq_getsockopt(raw, option, &buffer, &size) == 0 else { return nil }
    let end = buffer.firstIndex(of: 0) ?? size
    return String(decoding: buffer[..<min(end, size)], as: UTF8.self)
  }

  /// The descriptor that becomes readable when ``events`` may have changed. Edge-like: read ``events`` after each use.
  package var descriptor: Int32 { integer(ZMQ_FD) }

  /// Whether a message can be received, after libzmq's pending commands were processed.
  package var isReadable: Bool { integer(ZMQ_EVENTS) & ZMQ_POLLIN != 0 }

  /// Whether a message can be sent, after libzmq's pending commands were processed.
  package var isWritable: Bool { integer(ZMQ_EVENTS) & ZMQ_POLLOUT != 0 }

  /// Whether a message can be received and whether one can be sent, at one look, after libzmq's pending commands were
  /// processed.
  package var readiness: (toReceive: Bool, toSend: Bool) {
    let events = integer(ZMQ_EVENTS)
    return (events & ZMQ_POLLIN != 0, events & ZMQ_POLLOUT != 0)
  }

  /// Whether a message can be received or, on request, sent, after libzmq's pending commands were processed.
  package func isReady(toSend: Bool) -> Bool {
    integer(ZMQ_EVENTS) & (toSend ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN) != 0
  }

  /// Closes the socket. What is unsent lingers as the linger option says.
  package func close() {
    #if os(Linux)
      if isServedByLoop { return closeZMTP() }
    #endif
    if isSimulated { return closeSimulated() }
    _ = zmq_close(raw)
  }
}

extension SocketHandle {
  /// Sends bytes without copying them: `owner` keeps them alive until libzmq is done with them, on a thread of its own.
  package func send(_ bytes: UnsafeRawBufferPointer, ownedBy owner: some AnyObject & Sendable, more: Bool) -> Outcome {
    #if os(Linux)
      if isServedByLoop { return zmtp.send(bytes, ownedBy: owner, more: more) }
    #endif
    var message = zmq_msg_t()
    let hint = Unmanaged.passRetained(owner)
    let release: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void = { _, hint in
      if let hint { Unmanaged<AnyObject>.fromOpaque(hint).release() }
    }
    guard
      zmq_msg_init_data(
        &message, UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, release, hint.toOpaque()) == 0
    else {
      hint.release()
      return .failed(zmq_errno())
    }
    let result = send(&message, more: more)
    if result != .done { zmq_msg_close(&message) }
    return result
  }
}
