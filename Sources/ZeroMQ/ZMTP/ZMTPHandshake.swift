internal import CZeroMQ

/// Follows the handshake of one connection: what to send, and what the peer is. It knows of no socket and of no clock.
///
/// Both sides send the signature and their major version. What comes then is ZMTP 3 with the mechanism NULL, or ZMTP 2 for
/// peers that say so; ZMTP 1, of libzmq before 3.2, is not spoken.
struct ZMTPHandshake {
  /// Says how the handshake went.
  enum Result: Equatable {
    case incomplete
    /// Messages may follow. The peer has chosen a routing id, if it is not empty.
    case ready(routingID: [UInt8])
    /// The peer does not keep to the protocol, by libzmq's number for it.
    case violation(UInt32)
    /// The peer refuses this side, by a status of RFC 27 or for a reason of its own.
    case refused(status: UInt32)
  }

  private enum Step { case signature, greeting, command, oldType, oldRoutingID, done }

  private let type: ZMQSocketType
  private var step = Step.signature
  private var received: [UInt8] = []
  /// What has to be sent by now; whoever sends it empties it.
  var output = ZMTPWire.signature

  init(_ type: ZMQSocketType) { self.type = type }

  /// Takes what the peer has sent; says how many bytes of it belong to the handshake.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) -> (consumed: Int, result: Result) {
    var consumed = 0
    while true {
      let target = needed
      while received.count < target {
        guard consumed < bytes.count else { return (consumed, .incomplete) }
        received.append(bytes[consumed])
        consumed += 1
      }
      if isFrame {
        guard let size = frameSize else { continue }
        guard size <= ZMTPWire.longestCommand else { return (consumed, .violation(Violation.malformedReady)) }
        guard received.count >= headerSize + Int(size) else { continue }
      }
      let result = advance()
      if result != .incomplete { return (consumed, result) }
    }
  }

  /// How many bytes of this step must be there before it is looked at again.
  private var needed: Int {
    switch step {
    // A peer that speaks something else is told so by its first byte, and need not send more.
    case .signature: received.isEmpty ? 1 : ZMTPWire.signature.count
    case .greeting: ZMTPWire.greeting.count
    case .oldType: 1
    case .command, .oldRoutingID: frameSize.map { headerSize + Int($0) } ?? (received.count < 2 ? 2 : headerSize)
    case .done: 0
    }
  }

  /// Whether this step waits for a frame.
  private var isFrame: Bool { step == .command || step == .oldRoutingID }

  private var headerSize: Int { (received.first ?? 0) & ZMTPWire.Flag.large != 0 ? ZMTPWire.longestHeader : 2 }

  /// The size of the frame that this step waits for, once its header is there.
  private var frameSize: UInt64? {
    guard received.count >= 2, received.count >= headerSize else { return nil }
    return received[1..<headerSize].reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func advance() -> Result {
    switch step {
    case .signature:
      guard received.first == 0xFF else { return .violation(Violation.unspecified) }
      guard received.count == ZMTPWire.signature.count else { return .incomplete }
      let version = received[ZMTPWire.signature.count - 1]
      guard received[9] & 1 == 1, version > 0 else { return .violation(Violation.unspecified) }
      if version >= 3 {
        output += ZMTPWire.greeting + ZMTPWire.ready(type)
        step = .greeting
      } else {
        output += [type.wireNumber, 0, 0]
        step = .oldType
      }
    case .greeting:
      let mechanism = received[1...20].prefix { $0 != 0 }
      guard mechanism.elementsEqual("NULL".utf8) else { return .violation(Violation.mechanismMismatch) }
      step = .command
    case .command:
      guard received[0] & ZMTPWire.Flag.command != 0 else { return .violation(Violation.unexpectedCommand) }
      let size = headerSize
      step = .done
      return received.withUnsafeBytes { readCommand(UnsafeRawBufferPointer(rebasing: $0[size...])) }
    case .oldType:
      guard type.accepts(number: received[0]) else { return .violation(Violation.invalidMetadata) }
      step = .oldRoutingID
    case .oldRoutingID:
      guard received[0] & (ZMTPWire.Flag.more | ZMTPWire.Flag.command) == 0 else {
        return .violation(Violation.malformedReady)
      }
      step = .done
      return .ready(routingID: Array(received[headerSize...]))
    case .done: return .violation(Violation.unspecified)
    }
    received.removeAll(keepingCapacity: true)
    return .incomplete
  }

  private func readCommand(_ content: UnsafeRawBufferPointer) -> Result {
    guard let (name, rest) = ZMTPWire.parseCommand(content) else { return .violation(Violation.malformedReady) }
    if name == "ERROR" {
      let reason = String(decoding: rest.dropFirst(), as: UTF8.self)
      return .refused(status: UInt32(reason) ?? 500)
    }
    guard name == "READY" else { return .violation(Violation.unexpectedCommand) }
    guard let properties = ZMTPWire.parseProperties(rest) else { return .violation(Violation.malformedReady) }
    let peer = properties["socket-type"].map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard type.accepts(peer) else { return .violation(Violation.invalidMetadata) }
    return .ready(routingID: properties["identity"] ?? [])
  }

  /// libzmq's numbers (zmq_socket_monitor(3)).
  enum Violation {
    static let unspecified = UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED)
    static let unexpectedCommand = UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND)
    static let malformedReady = UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY)
    static let invalidMetadata = UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA)
    static let mechanismMismatch = UInt32(ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH)
  }
}
