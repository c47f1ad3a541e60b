/// Names kinds of errors for metrics, spans and logs.
enum ErrorType {
  /// The value of `error.type`.
  static func name(of error: any Error) -> String {
    switch error {
    case let error as RPCError: error.code.description
    case let error as RemoteError: error.name
    case is CancellationError: "cancelled"
    case is RPCArgumentError: "TypeError"
    default: String(describing: type(of: error))
    }
  }
}

extension RemoteError {
  /// What a server answers to new calls while it shuts down.
  static let shuttingDown = RemoteError(
    name: serverShuttingDown, message: "the server takes no new calls; try again or elsewhere")

  /// What a server answers in the stead of handlers that it does not wait for any longer.
  static let stopped = RemoteError(
    name: serverStopped, message: "the server has ended before the method did, which was cancelled")
}
