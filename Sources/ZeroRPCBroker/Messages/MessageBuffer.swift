internal import ZeroMQ

/// Receives whole messages, one after the other, into frames that are reused, and sends them on without copying.
struct MessageBuffer: ~Copyable {
  /// More frames than this no message may have: thirty brokers in a row.
  static let capacity = 32

  private let frames: UnsafeMutablePointer<Frame>
  /// The number of frames of the message.
  private(set) var count = 0
  /// The number of bytes of all frames.
  private(set) var byteCount = 0
  /// Whether the message had more frames than ``capacity``; they are lost.
  private(set) var isTooLong = false

  init() {
    frames = .allocate(capacity: MessageBuffer.capacity)
    for index in 0..<MessageBuffer.capacity { (frames + index).initialize(to: Frame()) }
  }

  deinit {
    frames.deinitialize(count: MessageBuffer.capacity)
    frames.deallocate()
  }

  /// Receives a message without waiting.
  mutating func receive(from socket: SocketHandle) -> SocketHandle.Outcome {
    count = 0
    byteCount = 0
    isTooLong = false
    while true {
      let outcome = frames[count].receive(from: socket)
      guard outcome == .done else {
        count = 0
        return outcome
      }
      byteCount += frames[count].count
      let hasMore = frames[count].hasMore
      if count + 1 < MessageBuffer.capacity {
        count += 1
      } else if hasMore {
        isTooLong = true
      } else {
        count += 1
      }
      if !hasMore { return .done }
    }
  }

  /// The bytes of a frame; valid until the frame is received into, sent or moved.
  @inline(__always)
  mutating func bytes(of index: Int) -> UnsafeRawBufferPointer { frames[index].withUnsafeBytes { $0 } }

  /// The number of bytes of a frame.
  mutating func size(of index: Int) -> Int { frames[index].count }

  /// Sends the message from frame `first` on, behind a routing id if there is one. On `.done` its frames are gone, otherwise
  /// nothing was sent and they are as they were.
  @inline(__always)
  mutating func send(
    from first: Int = 0, behind routing: [UInt8]? = nil, insertingDelimiter: Bool = false, on socket: SocketHandle
  ) -> SocketHandle.Outcome {
    MessageBuffer.send(
      frames + first, count - first, behind: routing, insertingDelimiter: insertingDelimiter, on: socket)
  }

  /// Sends frames of the message as the beginning of another one, which the caller completes. False when nothing was sent.
  mutating func sendEnvelope(_ range: Range<Int>, on socket: SocketHandle) -> Bool {
    var isBegun = false
    for index in range {
      guard frames[index].send(on: socket, more: true) == .done || isBegun else { return false }
      isBegun = true
    }
    return isBegun
  }

  /// Moves a frame's content away.
  mutating func move(_ index: Int, into other: inout Frame) { other.take(&frames[index]) }

  static func send(
    _ frames: UnsafeMutablePointer<Frame>, _ count: Int, behind routing: [UInt8]?, insertingDelimiter: Bool,
    on socket: SocketHandle
  ) -> SocketHandle.Outcome {
    var isBegun = false
    if let routing {
      let outcome = routing.withUnsafeBytes { socket.send($0, more: true) }
      guard outcome == .done else { return outcome }
      isBegun = true
    }
    for index in 0..<count {
      let isLast = index == count - 1
      if isLast, insertingDelimiter { _ = socket.send(UnsafeRawBufferPointer(start: nil, count: 0), more: true) }
      let outcome = frames[index].send(on: socket, more: !isLast)
      // Once the first frame is taken, libzmq takes the others too.
      guard isBegun || outcome == .done else { return outcome }
      isBegun = true
    }
    return .done
  }
}
