internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Reports why libzmq refused an operation, with the endpoint or option involved.
public struct ZMQError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Names the kind of failure; open, so that new kinds can appear without breaking users' code.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The `errno` value as libzmq reports it.
    public let number: Int32

    /// Makes a code from an `errno` value.
    public init(number: Int32) { self.number = number }

    /// Another socket is bound to the address (`EADDRINUSE`).
    public static let addressInUse = Code(number: EADDRINUSE)
    /// The address does not belong to this machine (`EADDRNOTAVAIL`, `ENODEV`).
    public static let addressNotAvailable = Code(number: EADDRNOTAVAIL)
    /// The endpoint or an argument is malformed (`EINVAL`).
    public static let invalidArgument = Code(number: EINVAL)
    /// The transport is unknown to this build of libzmq (`EPROTONOSUPPORT`).
    public static let transportNotSupported = Code(number: EPROTONOSUPPORT)
    /// The transport does not carry this socket type (`ENOCOMPATPROTO`).
    public static let transportIncompatible = Code(number: CZeroMQ.ENOCOMPATPROTO)
    /// Nothing could be sent or received at once (`EAGAIN`).
    public static let wouldBlock = Code(number: EAGAIN)
    /// A mandatory routing id is unknown (`EHOSTUNREACH`).
    public static let hostUnreachable = Code(number: EHOSTUNREACH)
    /// The context was terminated (`ETERM`).
    public static let contextTerminated = Code(number: CZeroMQ.ETERM)
    /// The socket was closed, or is not one (`ENOTSOCK`).
    public static let notASocket = Code(number: ENOTSOCK)
    /// The operation does not fit the socket's state, as a second send on REQ (`EFSM`).
    public static let wrongState = Code(number: CZeroMQ.EFSM)
    /// The operation does not exist for this socket type (`ENOTSUP`).
    public static let notSupported = Code(number: ENOTSUP)
    /// No more sockets or file descriptors are available (`EMFILE`).
    public static let tooManySockets = Code(number: EMFILE)
    /// The file or name does not exist, or the endpoint was not bound or connected here (`ENOENT`).
    public static let notFound = Code(number: ENOENT)
    /// The process may not use this address (`EACCES`).
    public static let permissionDenied = Code(number: EACCES)

    /// The path of an `ipc` endpoint is too long (`ENAMETOOLONG`).
    public static let nameTooLong = Code(number: ENAMETOOLONG)
    /// Nobody listens there (`ECONNREFUSED`).
    public static let connectionRefused = Code(number: ECONNREFUSED)
    /// The other end closed the connection (`ECONNRESET`).
    public static let connectionReset = Code(number: ECONNRESET)
    /// The system's time for an answer is over (`ETIMEDOUT`).
    public static let timedOut = Code(number: ETIMEDOUT)
    /// The network cannot be reached (`ENETUNREACH`).
    public static let networkUnreachable = Code(number: ENETUNREACH)

    /// The text that libzmq gives for the code.
    public var description: String {
      guard let text = zmq_strerror(number) else { return "error \(number)" }
      return String(cString: text)
    }
  }

  /// The kind of failure.
  public var code: Code
  /// What was attempted, with the endpoint or option involved, and what to do.
  public var message: String

  /// Makes an error with a code and the text that explains it.
  public init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  /// Makes an error from the calling thread's `errno`.
  package static func last(_ message: String) -> ZMQError {
    let code = Code(number: zmq_errno())
    return ZMQError(code: code, message: "\(message): \(code)")
  }

  /// The message; it names the endpoint or option.
  public var description: String { message }
}
