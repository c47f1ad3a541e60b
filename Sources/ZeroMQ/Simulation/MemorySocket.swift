/// Stands in for a libzmq socket in a simulation. A ``SocketHandle`` passes everything on to it.
///
/// Whoever owns the handle serialises its use, as with libzmq; what it does to other sockets is its own affair.
package protocol MemorySocket: AnyObject, Sendable {
  /// Takes one frame of a message without waiting.
  func send(_ bytes: UnsafeRawBufferPointer, more: Bool) -> SocketHandle.Outcome

  /// Gives out the next frame of a message; nil when there is none.
  func receive() -> [UInt8]?

  /// Whether more frames of the same message follow the one that was received last.
  var hasMore: Bool { get }

  /// Whether a message can be received, and whether one can be sent.
  var readiness: (toReceive: Bool, toSend: Bool) { get }

  /// What tells this socket from others in ``EventRegistration``; no descriptor of the system.
  var descriptor: Int32 { get }

  /// Sets an option; those that have no case mean nothing here.
  func set(_ option: MemorySocketOption, _ value: Int)

  /// Binds and returns the real endpoint.
  func bind(_ endpoint: String) throws(ZMQError) -> String

  /// Starts connecting.
  func connect(_ endpoint: String) throws(ZMQError)

  /// Stops listening, or connecting, at an endpoint.
  func detach(_ endpoint: String) throws(ZMQError)

  /// Closes the socket.
  func close()
}

/// Names the options that a simulated socket follows.
package enum MemorySocketOption: Sendable {
  /// Messages that wait per peer at the sender's end.
  case sendHighWaterMark
  /// Messages that wait per peer at the receiver's end.
  case receiveHighWaterMark
  /// The time before a broken connection is tried again, in milliseconds.
  case reconnectInterval
}
