#if os(Linux)
  internal import CZeroMQ

  /// Collects the frames of one message that is too large for the socket's buffer, each in memory of its own.
  final class ZMTPAssembly {
    private var frames: [UnsafeMutablePointer<zmq_msg_t>] = []
    private var next = 0
    /// Of the last frame: what has not come yet.
    private(set) var rest = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// Whether another frame follows the last one.
    private(set) var expectsMore = true
    /// What all frames take together, about, in bytes.
    private(set) var size: UInt64 = 0

    deinit {
      for frame in frames[next...] {
        zmq_msg_close(frame)
        frame.deallocate()
      }
    }

    /// Whether the whole message is there.
    var isComplete: Bool { rest.isEmpty && !expectsMore }

    /// Begins a frame with what has come of it; false when there is no memory for it.
    func begin(_ count: Int, with beginning: UnsafeRawBufferPointer, more: Bool) -> Bool {
      let frame = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
      guard zmq_msg_init_size(frame, count) == 0 else {
        frame.deallocate()
        return false
      }
      frames.append(frame)
      size += UInt64(count) + 128
      let memory = UnsafeMutableRawBufferPointer(start: zmq_msg_data(frame), count: count)
      memory.copyMemory(from: beginning)
      rest = UnsafeMutableRawBufferPointer(rebasing: memory[beginning.count...])
      expectsMore = more
      return true
    }

    /// Says that more of the last frame has come.
    func fill(_ count: Int) { rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...]) }

    /// Gives out the next frame, once everything is there; says whether more follow.
    func take(into message: UnsafeMutablePointer<zmq_msg_t>) -> Bool {
      guard next < frames.count else { return false }
      let frame = frames[next]
      next += 1
      zmq_msg_move(message, frame)
      zmq_msg_close(frame)
      frame.deallocate()
      return next < frames.count
    }
  }
#endif
