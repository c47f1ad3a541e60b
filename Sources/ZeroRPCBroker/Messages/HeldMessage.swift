internal import ZeroMQ

/// Keeps a message that waits for its worker, for a peer that is full, or for its channel to be assigned.
final class HeldMessage {
  private let frames: UnsafeMutablePointer<Frame>
  private let count: Int
  private let insertsDelimiter: Bool
  /// The number of bytes of the message as it was received.
  let byteCount: Int

  /// Takes the frames of a received message from `first` on.
  init(_ buffer: inout MessageBuffer, from first: Int, insertingDelimiter: Bool) {
    count = buffer.count - first
    insertsDelimiter = insertingDelimiter
    byteCount = buffer.byteCount
    frames = .allocate(capacity: count)
    for index in 0..<count {
      (frames + index).initialize(to: Frame())
      buffer.move(first + index, into: &frames[index])
    }
  }

  deinit {
    frames.deinitialize(count: count)
    frames.deallocate()
  }

  /// Sends the message, behind a routing id if there is one. On `.done` it is empty.
  func send(behind routing: [UInt8]?, on socket: SocketHandle) -> SocketHandle.Outcome {
    MessageBuffer.send(
      frames, count, behind: routing, insertingDelimiter: insertsDelimiter, on: socket)
  }
}
