/// Says which limit of a server a call has met. The call did not begin.
enum Overload: Sendable, Equatable {
  case calls(Int)
  case callsOfPeer(Int)
  case bytes(Int)
  case bytesOfPeer(Int)

  /// What the caller gets.
  var error: RemoteError {
    let reason =
      switch self {
      case .calls(let limit): "it has \(limit) calls, as many as it takes"
      case .callsOfPeer(let limit): "this client has \(limit) calls there, as many as one may have"
      case .bytes(let limit): "the requests that wait take \(limit) bytes, as much as it keeps"
      case .bytesOfPeer(let limit): "the requests of this client that wait take \(limit) bytes, as much as one may have"
      }
    return RemoteError(
      name: RemoteError.serverOverloaded,
      message: "the server is overloaded: \(reason); the method was not called; try again later or elsewhere")
  }
}

/// Holds a server's limits as the queue compares them.
struct ServerLimits: Sendable {
  let handlers: Int
  let handlersPerPeer: Int
  /// Calls that run or wait.
  let calls: Int
  let callsPerPeer: Int
  let bytes: Int
  let bytesPerPeer: Int

  init(_ limits: RPCServerLimits) {
    handlers = max(1, limits.handlers)
    handlersPerPeer = max(1, min(handlers, limits.handlersPerPeer ?? ServerLimits.share(handlers)))
    let queued = max(0, limits.queuedCalls)
    let queuedPerPeer = max(0, limits.queuedCallsPerPeer ?? ServerLimits.share(queued))
    calls = ServerLimits.sum(handlers, queued)
    callsPerPeer = ServerLimits.sum(handlersPerPeer, queuedPerPeer)
    bytes = max(0, limits.queuedBytes)
    bytesPerPeer = max(0, limits.queuedBytesPerPeer ?? ServerLimits.share(bytes))
  }

  /// What one peer may have when nothing else is said: a quarter is kept for others.
  private static func share(_ total: Int) -> Int { total - total / 4 }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
