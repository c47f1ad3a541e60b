internal import CZeroMQ

/// Holds a received part: copied at once if it is small, else in libzmq's memory until the lock is released.
enum Part: Sendable {
  case bytes([UInt8])
  case frame(ZMQFrame)

  /// From this size on a part is not copied while the socket is locked, in bytes.
  private static let largeSize = 4_096

  /// Takes a reference to a frame's content, or a copy if it is small and that is allowed.
  init(_ frame: inout Frame, copiesSmall: Bool) {
    if copiesSmall, frame.count < Part.largeSize {
      self = .bytes(frame.withUnsafeBytes { Array($0) })
    } else {
      self = .frame(frame.share())
    }
  }

  var array: [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .frame(let frame): frame.bytes
    }
  }

  var asFrame: ZMQFrame {
    switch self {
    case .bytes(let bytes): ZMQFrame(bytes)
    case .frame(let frame): frame
    }
  }
}

extension SocketHandle {
  /// Sends a whole message without waiting: all of its parts, or on any other outcome than `.done` none.
  func send(whole message: ZMQMessage) -> Outcome {
    if message.parts.isEmpty { return send(UnsafeRawBufferPointer(start: nil, count: 0), more: false) }
    return sendParts(message.parts.count) { index, more in
      let part = message.parts[index]
      if part.count < SocketHandle.zeroCopySize { return part.withUnsafeBytes { send($0, more: more) } }
      // An array's storage is one block that neither moves nor changes while somebody holds the array: whoever writes to
      // it meanwhile gets a copy. So libzmq may read from it until it lets go of the owner.
      let owner = ByteOwner(part)
      return part.withUnsafeBytes { send($0, ownedBy: owner, more: more) }
    }
  }

  /// Sends a whole message without waiting and without copying it: all of its parts, or none.
  func send(whole frames: [ZMQFrame]) -> Outcome {
    if frames.isEmpty { return send(UnsafeRawBufferPointer(start: nil, count: 0), more: false) }
    return sendParts(frames.count) { index, more in
      var message = zmq_msg_t()
      frames[index].storage.reference(&message)
      let outcome = send(&message, more: more)
      if outcome != .done { zmq_msg_close(&message) }
      return outcome
    }
  }

  /// From this size on libzmq sends out of the array instead of copying it, in bytes.
  private static var zeroCopySize: Int { 32 * 1024 }

  /// Sends parts one by one.
  ///
  /// Once libzmq has taken the first it takes the others too, unless the peer goes away in between. Then it drops what it
  /// had taken, and all that follows up to the end of the message; so the rest is given to it, and the whole message can
  /// be sent again to another peer.
  private func sendParts(_ count: Int, _ send: (_ index: Int, _ more: Bool) -> Outcome) -> Outcome {
    for index in 0..<count {
      let outcome = send(index, index < count - 1)
      guard outcome != .done else { continue }
      if index > 0, index < count - 1 {
        for rest in (index + 1)..<count { _ = send(rest, rest < count - 1) }
      }
      return outcome
    }
    return .done
  }
}

/// Keeps an array alive while libzmq sends out of it.
private final class ByteOwner: Sendable {
  private let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension ZMQError {
  /// Explains why a message was refused.
  static func sendingOrReceiving(_ number: Int32, isSend: Bool, _ type: ZMQSocketType) -> ZMQError {
    let code = Code(number: number)
    let verb = isSend ? "send" : "receive"
    let reason: String
    switch code {
    case .notSupported: reason = "this type only \(isSend ? "receives" : "sends")"
    case .wrongState where type == .request:
      reason = isSend ? "the reply to the last request was not received yet" : "no request was sent"
    case .wrongState: reason = isSend ? "there is no request to reply to" : "the last request was not replied to yet"
    case .hostUnreachable: reason = "no peer has the routing id that stands in the first part"
    case .invalidArgument: reason = "the message is not one that this type can send"
    default: reason = code.description
    }
    return ZMQError(code: code, message: "cannot \(verb) on a \(type) socket: \(reason)")
  }
}
