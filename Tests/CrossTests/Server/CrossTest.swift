import ZeroRPC

/// Is what zerorpc-crosstests asks of a server.
protocol CrossTest: RPCService {
  /// Returns the value as it came.
  func echo(_ value: MessagePackValue) async throws -> MessagePackValue

  /// Ends the server, after this was answered.
  func quit() async throws
}

/// Implements it, and says on standard output what it does.
struct MyCrossTest: CrossTest {
  /// Is told that a client wants the server to end.
  let onQuit: @Sendable () -> Void

  func echo(_ value: MessagePackValue) -> MessagePackValue {
    print("echo \(value)")
    return value
  }

  func quit() {
    print("exiting")
    onQuit()
  }
}
