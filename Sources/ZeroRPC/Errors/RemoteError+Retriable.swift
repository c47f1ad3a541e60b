extension RemoteError {
  /// The name of the error with which a server refuses a call that exceeds its ``RPCServerLimits``.
  public static let serverOverloaded = "ServerOverloaded"
  /// The name of the error with which a server refuses a call because it is about to end.
  public static let serverShuttingDown = "ServerShuttingDown"
  /// The name of the error with which a server that ends tells of a method that has taken longer than
  /// ``RPCServerConfiguration/shutdownGrace``: its handler was cancelled, and how far it came is not known.
  public static let serverStopped = "ServerStopped"

  /// Whether the server refused the call before the method was called, so that it may be made again, later or elsewhere,
  /// even if the method is not idempotent.
  public var isRetriable: Bool { name == RemoteError.serverOverloaded || name == RemoteError.serverShuttingDown }
}
