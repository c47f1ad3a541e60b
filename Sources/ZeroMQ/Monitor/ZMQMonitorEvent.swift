internal import CZeroMQ

/// Reports what happened to one of a socket's endpoints or connections (zmq_socket_monitor(3)).
///
/// A connection comes about by `connected` on one side and `accepted` on the other, then `handshakeSucceeded` on both; only
/// after that do messages flow. `inproc` has no events.
public struct ZMQMonitorEvent: Sendable, Hashable {
  /// Names a kind of event; open, so that new kinds can appear without breaking users' code.
  public struct Kind: Sendable, Hashable, CustomStringConvertible {
    let number: Int32
    /// The name, for example `handshakeSucceeded`.
    public let description: String

    /// A connection to a peer was made; it has still to shake hands.
    public static let connected = Kind(number: ZMQ_EVENT_CONNECTED, description: "connected")
    /// A connection could not be made at once; it is under way.
    public static let connectDelayed = Kind(number: ZMQ_EVENT_CONNECT_DELAYED, description: "connectDelayed")
    /// A connection is tried again, after the ``ZMQMonitorEvent/interval``.
    public static let connectRetried = Kind(number: ZMQ_EVENT_CONNECT_RETRIED, description: "connectRetried")
    /// The socket is bound and listens.
    public static let listening = Kind(number: ZMQ_EVENT_LISTENING, description: "listening")
    /// The socket could not be bound.
    public static let bindFailed = Kind(number: ZMQ_EVENT_BIND_FAILED, description: "bindFailed")
    /// A peer connected; it has still to shake hands.
    public static let accepted = Kind(number: ZMQ_EVENT_ACCEPTED, description: "accepted")
    /// A peer's connection could not be accepted, for example because descriptors ran out.
    public static let acceptFailed = Kind(number: ZMQ_EVENT_ACCEPT_FAILED, description: "acceptFailed")
    /// A listening endpoint, or an attempt to connect, was closed.
    public static let closed = Kind(number: ZMQ_EVENT_CLOSED, description: "closed")
    /// A listening endpoint could not be closed.
    public static let closeFailed = Kind(number: ZMQ_EVENT_CLOSE_FAILED, description: "closeFailed")
    /// A connection ended, before or after its handshake.
    public static let disconnected = Kind(number: ZMQ_EVENT_DISCONNECTED, description: "disconnected")
    /// The peers have agreed: messages flow from here on.
    public static let handshakeSucceeded = Kind(
      number: ZMQ_EVENT_HANDSHAKE_SUCCEEDED, description: "handshakeSucceeded")
    /// The handshake failed for a reason of the system, for example because the peer closed.
    public static let handshakeFailedNoDetail = Kind(
      number: ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, description: "handshakeFailedNoDetail")
    /// The peer, or the ZAP handler, does not keep to the protocol.
    public static let handshakeFailedProtocol = Kind(
      number: ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, description: "handshakeFailedProtocol")
    /// The ZAP handler refused the peer.
    public static let handshakeFailedAuth = Kind(
      number: ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, description: "handshakeFailedAuth")
    /// The socket was closed; it is the last event.
    public static let monitorStopped = Kind(number: ZMQ_EVENT_MONITOR_STOPPED, description: "monitorStopped")

    static let known: [Kind] = [
      connected, connectDelayed, connectRetried, listening, bindFailed, accepted, acceptFailed, closed, closeFailed,
      disconnected, handshakeSucceeded, handshakeFailedNoDetail, handshakeFailedProtocol, handshakeFailedAuth,
      monitorStopped,
    ]

    /// Whether it says that no messages can flow by a connection: lost, or its handshake failed.
    public var isFailure: Bool {
      [
        .bindFailed, .acceptFailed, .closeFailed, .handshakeFailedNoDetail, .handshakeFailedProtocol,
        .handshakeFailedAuth,
      ].contains(self)
    }
  }

  /// What happened.
  public let kind: Kind
  /// The endpoint: of a connection that was accepted, the one that listens here; else the one that was connected to.
  public let endpoint: String
  /// The number that libzmq gives with the event; the properties below say what it is.
  public let value: UInt32

  init(kind: Kind, endpoint: String, value: UInt32) { (self.kind, self.endpoint, self.value) = (kind, endpoint, value) }

  init?(number: Int32, value: UInt32, endpoint: String) {
    guard let kind = Kind.known.first(where: { $0.number == number }) else { return nil }
    self.init(kind: kind, endpoint: endpoint, value: value)
  }

  /// The descriptor of the connection or the listening endpoint; it tells connections apart, and may be used again by the
  /// system once it is closed.
  public var descriptor: Int32? {
    let kinds: [Kind] = [.connected, .listening, .accepted, .closed, .disconnected]
    return kinds.contains(kind) ? Int32(truncatingIfNeeded: value) : nil
  }

  /// The system's reason for a failure or a delay.
  public var error: ZMQError.Code? {
    let kinds: [Kind] = [.connectDelayed, .bindFailed, .acceptFailed, .closeFailed, .handshakeFailedNoDetail]
    return kinds.contains(kind) ? ZMQError.Code(number: Int32(truncatingIfNeeded: value)) : nil
  }

  /// How long is waited before the connection is tried again.
  public var interval: Duration? { kind == .connectRetried ? .milliseconds(Int64(value)) : nil }

  /// In what the peer or the ZAP handler did not keep to the protocol.
  public var protocolError: ProtocolError? {
    kind == .handshakeFailedProtocol ? ProtocolError(number: value) : nil
  }

  /// The status by which the ZAP handler refused the peer: 300, 400 or 500 (RFC 27).
  public var zapStatus: Int? { kind == .handshakeFailedAuth ? Int(value) : nil }
}

extension ZMQMonitorEvent: CustomStringConvertible {
  /// The event in one line, for example `disconnected tcp://127.0.0.1:4242 (descriptor 12)`.
  public var description: String {
    var text = kind.description
    if !endpoint.isEmpty { text += " \(endpoint)" }
    if let error {
      text += " (\(error))"
    } else if let interval {
      text += " (in \(interval))"
    } else if let protocolError {
      text += " (\(protocolError))"
    } else if let zapStatus {
      text += " (ZAP status \(zapStatus))"
    } else if let descriptor {
      text += " (descriptor \(descriptor))"
    }
    return text
  }
}

extension ZMQMonitorEvent {
  /// Names how a handshake broke the protocol; the numbers are libzmq's `ZMQ_PROTOCOL_ERROR_…`.
  public struct ProtocolError: Sendable, Hashable, CustomStringConvertible {
    /// libzmq's number.
    public let number: UInt32

    /// Makes an error of libzmq's number.
    public init(number: UInt32) { self.number = number }

    /// The peer broke the rules of ZMTP, or speaks something else.
    public var isZMTP: Bool { number >> 28 == 1 }
    /// The ZAP handler's answer is malformed.
    public var isZAP: Bool { number >> 28 == 2 }

    /// The two sides use different security mechanisms, or the same side of one.
    public static let mechanismMismatch = ProtocolError(number: 0x1100_0002)
    /// A key does not fit, which a wrong public key of the server is.
    public static let cryptographic = ProtocolError(number: 0x1100_0001)

    private static let names: [UInt32: String] = [
      0x1000_0000: "ZMTP: unspecified", 0x1000_0001: "ZMTP: unexpected command", 0x1000_0002: "ZMTP: invalid sequence",
      0x1000_0003: "ZMTP: key exchange", 0x1000_0011: "ZMTP: malformed command",
      0x1000_0012: "ZMTP: malformed MESSAGE", 0x1000_0013: "ZMTP: malformed HELLO",
      0x1000_0014: "ZMTP: malformed INITIATE", 0x1000_0015: "ZMTP: malformed ERROR",
      0x1000_0016: "ZMTP: malformed READY", 0x1000_0017: "ZMTP: malformed WELCOME",
      0x1000_0018: "ZMTP: invalid metadata", 0x1100_0001: "ZMTP: cryptographic failure",
      0x1100_0002: "ZMTP: the security mechanisms differ", 0x2000_0000: "ZAP: unspecified",
      0x2000_0001: "ZAP: malformed reply", 0x2000_0002: "ZAP: wrong request id", 0x2000_0003: "ZAP: wrong version",
      0x2000_0004: "ZAP: invalid status code", 0x2000_0005: "ZAP: invalid metadata",
    ]

    /// What is wrong, in a few words.
    public var description: String {
      ProtocolError.names[number] ?? "protocol error 0x\(String(number, radix: 16))"
    }
  }
}
