import TestSupport
import ZeroRPC

/// Runs a puller for the duration of a closure.
func withPuller<Result>(
  _ service: any RPCService, at endpoint: String = Transport.tcp.endpoint, connecting: Bool = false,
  _ configure: (inout RPCReceiverConfiguration) -> Void = { _ in },
  _ body: (_ puller: RPCPuller, _ endpoint: String) async throws -> Result
) async throws -> Result {
  var configuration = RPCReceiverConfiguration()
  configure(&configuration)
  let puller = Puller(service, configuration: configuration)
  var real = endpoint
  if connecting { try await puller.connect(endpoint) } else { real = try await puller.bind(endpoint) }
  return try await running(puller.run) { try await body(puller, real) }
}

/// Runs a subscriber for the duration of a closure.
func withSubscriber<Result>(
  _ service: any RPCService, connectingTo endpoint: String,
  _ configure: (inout RPCReceiverConfiguration) -> Void = { _ in }, _ body: () async throws -> Result
) async throws -> Result {
  var configuration = RPCReceiverConfiguration()
  configure(&configuration)
  let subscriber = Subscriber(service, configuration: configuration)
  try await subscriber.connect(endpoint)
  return try await running(subscriber.run, body)
}

/// Runs something in a task until a closure has ended, then cancels it.
func running<Result>(
  _ run: @escaping @Sendable () async throws -> Void, _ body: () async throws -> Result
) async throws -> Result {
  let task = Task { try await run() }
  do {
    let result = try await body()
    task.cancel()
    try await task.value
    return result
  } catch {
    task.cancel()
    _ = await task.result
    throw error
  }
}

/// Waits until a ledger has a number of entries, and returns them.
@discardableResult
func entries(_ count: Int, of ledger: LedgerService) async throws -> [String] {
  try await eventually("\(count) entries") { ledger.entries.count >= count }
  return ledger.entries
}
