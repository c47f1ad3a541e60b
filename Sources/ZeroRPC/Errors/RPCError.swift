internal import ZeroMQ

/// Reports what the framework itself could not do; an error that the peer's handler raised is a ``RemoteError``.
///
/// A cancelled call throws `CancellationError` instead, as everywhere in Swift.
public struct RPCError: Error, Sendable, CustomStringConvertible {
  /// Names the kind of failure; open, so that new kinds can appear without breaking users' code.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The code's name.
    public let description: String

    /// Makes a code of one's own, for interceptors.
    public init(_ description: String) { self.description = description }

    /// No first reply, no next item or no end of a stream came in time, or no time was left to make the call.
    public static let timeout = Code("timeout")
    /// The peer's heartbeats stopped, or its connection is gone.
    public static let lostPeer = Code("lostPeer")
    /// The client or the server was closed before the call ended.
    public static let closed = Code("closed")
    /// The peer answered with something that the protocol does not allow here.
    public static let protocolViolation = Code("protocolViolation")
    /// An argument cannot be packed, or is too large.
    public static let invalidArgument = Code("invalidArgument")
    /// The result has not the type that was asked for.
    public static let invalidResult = Code("invalidResult")
    /// The endpoint is malformed, or of a transport that this build of libzmq lacks.
    public static let invalidEndpoint = Code("invalidEndpoint")
    /// Another socket is bound to the endpoint.
    public static let addressInUse = Code("addressInUse")
    /// The socket could not be opened, bound or connected for another reason, which is the cause.
    public static let transport = Code("transport")
    /// There is no connection, because the last attempt at one ended in the handshake: the server's key is another, the server
    /// refuses this client's key, user or password, or one side has security and the other has not.
    public static let authenticationFailed = Code("authenticationFailed")
    /// The configuration holds a value that cannot work.
    public static let invalidConfiguration = Code("invalidConfiguration")
  }

  /// The kind of failure.
  public var code: Code
  /// What happened, with the endpoint, method or limit involved, and what to do.
  public var message: String
  /// The error beneath, if there is one.
  public var cause: (any Error)?
  /// Whether nothing of the call was sent, so that it may be made again even if the method is not idempotent.
  public internal(set) var isRetriable = false

  /// Makes an error.
  public init(code: Code, message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The code and the message.
  public var description: String { "\(code): \(message)" }
}

extension RPCError {
  /// The same error, of a call of which something was sent or not.
  func ofCall(wasSent: Bool) -> RPCError {
    var error = self
    error.isRetriable = !wasSent
    return error
  }

  /// Makes an error of what libzmq reported; anything else is passed on as the cause.
  package init(_ error: any Error) {
    guard let error = error as? ZMQError else {
      self.init(code: .transport, message: "\(error)", cause: error)
      return
    }
    let code: Code
    switch error.code {
    case .addressInUse: code = .addressInUse
    case .invalidArgument, .transportNotSupported, .transportIncompatible, .addressNotAvailable: code = .invalidEndpoint
    default: code = .transport
    }
    self.init(code: code, message: error.message, cause: error)
  }
}
