internal import CZeroMQ

// Handles of simulated sockets. libzmq's sockets are allocations, so the lowest bit of their address is free to tell the two
// apart: one predictable branch per operation, and a handle stays one word.
extension SocketHandle {
  /// Keeps a simulated socket at one address.
  private final class Box: Sendable {
    let socket: any MemorySocket
    init(_ socket: any MemorySocket) { self.socket = socket }
  }

  /// Makes a handle of a simulated socket, which it keeps alive until ``close()``.
  init(_ socket: any MemorySocket) {
    self.init(Unmanaged.passRetained(Box(socket)).toOpaque() + 1)
  }

  /// Whether this is no socket of libzmq's.
  @inline(__always)
  package var isSimulated: Bool { UInt(bitPattern: raw) & 1 != 0 }

  private var box: Unmanaged<Box> { Unmanaged<Box>.fromOpaque(raw - 1) }

  /// The simulated socket; only when ``isSimulated``.
  var memory: any MemorySocket { box.takeUnretainedValue().socket }

  @inline(never)
  func sendSimulated(_ bytes: UnsafeRawBufferPointer, more: Bool) -> Outcome { memory.send(bytes, more: more) }

  @inline(never)
  func sendSimulated(_ message: UnsafeMutablePointer<zmq_msg_t>, more: Bool) -> Outcome {
    let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
    let outcome = memory.send(bytes, more: more)
    if outcome == .done {
      zmq_msg_close(message)
      zmq_msg_init(message)
    }
    return outcome
  }

  @inline(never)
  func receiveSimulated(into message: UnsafeMutablePointer<zmq_msg_t>) -> Outcome {
    guard let bytes = memory.receive() else { return .wouldBlock }
    zmq_msg_close(message)
    guard zmq_msg_init_size(message, bytes.count) == 0 else {
      zmq_msg_init(message)
      return .failed(zmq_errno())
    }
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress { zmq_msg_data(message)?.copyMemory(from: base, byteCount: source.count) }
    }
    return .done
  }

  func integerSimulated(_ option: Int32) -> Int32 {
    switch option {
    case ZMQ_FD: return memory.descriptor
    case ZMQ_EVENTS:
      let (toReceive, toSend) = memory.readiness
      return (toReceive ? ZMQ_POLLIN : 0) | (toSend ? ZMQ_POLLOUT : 0)
    default: return 0
    }
  }

  func setSimulated(_ option: Int32, _ value: Int64) {
    let known: MemorySocketOption
    switch option {
    case ZMQ_SNDHWM: known = .sendHighWaterMark
    case ZMQ_RCVHWM: known = .receiveHighWaterMark
    case ZMQ_RECONNECT_IVL: known = .reconnectInterval
    default: return
    }
    memory.set(known, Int(value))
  }

  func closeSimulated() {
    memory.close()
    box.release()
  }
}
