internal import CZeroMQ

/// Owns one received frame, without copying it out of libzmq's buffer.
package struct Frame: ~Copyable, @unchecked Sendable {  // libzmq messages may move between threads; one owner at a time
  private var message = zmq_msg_t()

  /// Makes an empty frame.
  package init() { zmq_msg_init(&message) }

  deinit {
    var last = message
    zmq_msg_close(&last)
  }

  /// The number of bytes.
  package var count: Int {
    mutating get { zmq_msg_size(&message) }
  }

  /// Whether more frames of the same message follow.
  package var hasMore: Bool {
    mutating get { zmq_msg_more(&message) != 0 }
  }

  /// Receives the next frame of a socket without waiting.
  @inline(__always)
  package mutating func receive(from socket: SocketHandle) -> SocketHandle.Outcome {
    socket.receive(into: &message)
  }

  /// Takes another frame's content; the other becomes empty.
  package mutating func take(_ other: inout Frame) {
    zmq_msg_move(&message, &other.message)
  }

  /// Releases the content.
  package mutating func clear() {
    zmq_msg_close(&message)
    zmq_msg_init(&message)
  }

  /// The descriptor of the connection that the frame came by, as the monitor's events name it; nil for `inproc`.
  package var sourceDescriptor: Int32? {
    mutating get {
      let descriptor = zmq_msg_get(&message, ZMQ_SRCFD)
      return descriptor < 0 ? nil : descriptor
    }
  }

  /// What libzmq knows of the connection that the frame came by, as `User-Id` (zmq_msg_gets(3)); nil when there is none.
  package mutating func property(_ name: String) -> String? {
    zmq_msg_gets(&message, name).map { String(cString: $0) }
  }

  /// Hands out the content, which is not copied, to be kept alive by whoever uses it; the frame becomes empty.
  package mutating func moveToStorage() -> ZMQFrame.Storage { ZMQFrame.Storage(taking: &message) }

  /// Another reference to the content, which is not copied.
  mutating func share() -> ZMQFrame {
    var copy = zmq_msg_t()
    zmq_msg_init(&copy)
    zmq_msg_copy(&copy, &message)
    return ZMQFrame(ZMQFrame.Storage(taking: &copy))
  }

  /// Gives access to the bytes for the duration of the closure.
  @inline(__always)
  package mutating func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let base = zmq_msg_data(&message)
    return try body(UnsafeRawBufferPointer(start: base, count: zmq_msg_size(&message)))
  }
}

extension Frame {
  /// Sends the content without copying it; on `.done` the frame is empty, otherwise it is as it was.
  @inline(__always)
  package mutating func send(on socket: SocketHandle, more: Bool) -> SocketHandle.Outcome {
    socket.send(&message, more: more)
  }
}
