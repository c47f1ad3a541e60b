internal import CZeroMQ

/// Holds the frames of one message on its way through a proxy, in libzmq's own memory. Confined to the engine's lock.
final class ProxyMessage {
  private var frames: UnsafeMutablePointer<zmq_msg_t>
  private var capacity = 4
  private(set) var count = 0
  /// The bytes of all frames.
  private(set) var size = 0
  /// Whether the capture socket has it already.
  var isCaptured = false

  init() {
    frames = .allocate(capacity: capacity)
    for index in 0..<capacity { zmq_msg_init(frames + index) }
  }

  deinit {
    for index in 0..<capacity { zmq_msg_close(frames + index) }
    frames.deallocate()
  }

  /// Receives a whole message in place of the last one.
  func receive(from socket: SocketHandle) -> SocketHandle.Outcome {
    (count, size, isCaptured) = (0, 0, false)
    while true {
      if count == capacity { grow() }
      let outcome = socket.receive(into: frames + count)
      guard outcome == .done else { return outcome }
      size += zmq_msg_size(frames + count)
      count += 1
      if zmq_msg_more(frames + count - 1) == 0 { return .done }
    }
  }

  /// Sends the message, which is empty afterwards. On `.wouldBlock` it is still whole.
  func send(to socket: SocketHandle) -> SocketHandle.Outcome {
    for index in 0..<count {
      let outcome = socket.send(frames + index, more: index < count - 1)
      guard outcome != .done else { continue }
      if index == 0 { return outcome }
      // The peer went away in between, with all that it had not taken yet. libzmq drops up to the message's end.
      for rest in (index + 1)..<max(count, index + 1) { _ = socket.send(frames + rest, more: rest < count - 1) }
      return .done
    }
    return .done
  }

  /// Sends a copy, whose content is shared. On `.wouldBlock` nothing was sent.
  func copy(to socket: SocketHandle) -> SocketHandle.Outcome {
    for index in 0..<count {
      var copy = zmq_msg_t()
      zmq_msg_init(&copy)
      zmq_msg_copy(&copy, frames + index)
      let outcome = socket.send(&copy, more: index < count - 1)
      guard outcome != .done else { continue }
      zmq_msg_close(&copy)
      if index == 0 { return outcome }
    }
    return .done
  }

  /// The bytes of a frame, copied.
  func bytes(of index: Int) -> [UInt8] {
    guard index < count else { return [] }
    return Array(UnsafeRawBufferPointer(start: zmq_msg_data(frames + index), count: zmq_msg_size(frames + index)))
  }

  private func grow() {
    let larger = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: capacity * 2)
    for index in 0..<capacity * 2 {
      zmq_msg_init(larger + index)
      if index < capacity {
        zmq_msg_move(larger + index, frames + index)
        zmq_msg_close(frames + index)
      }
    }
    frames.deallocate()
    frames = larger
    capacity *= 2
  }
}
