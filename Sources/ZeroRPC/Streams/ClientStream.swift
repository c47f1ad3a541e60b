internal import MessagePack
internal import ZeroMQ

/// Pulls the items of a stream that a peer sends. Letting go of it ends the stream at the peer.
final class ClientStream<Element: Sendable>: Sendable {
  private let call: ClientCall
  private let client: RPCClient
  private let unpack: @Sendable (MessagePackView) throws -> Element
  private let errors: @Sendable () -> [RPCErrorType]
  private let observer: CallObserver?

  init(
    _ call: ClientCall, client: RPCClient, errors: @escaping @Sendable () -> [RPCErrorType] = { [] },
    observer: CallObserver? = nil,
    _ unpack: @escaping @Sendable (MessagePackView) throws -> Element
  ) {
    self.call = call
    self.client = client
    self.unpack = unpack
    self.errors = errors
    self.observer = observer
  }

  private var connection: ClientConnection { call.connection }

  deinit {
    call.cancel()
    observer?.end(CancellationError())
  }

  func next() async throws -> Element? {
    var frame = Frame()
    var deadline: UInt64?
    while true {
      switch connection.pull(call, into: &frame) {
      case .item(let arguments):
        return try decode(&frame, from: arguments)
      case .ended:
        observer?.note(call)
        if case .endOfStream = call.ending {
          observer?.end(nil)
          return nil
        }
        let failure = client.failure(of: call, errors)
        observer?.end(failure)
        throw failure
      case .wait:
        let limit = deadline ?? itemDeadline()
        deadline = limit
        await waitForMore(until: limit)
      }
    }
  }

  /// When the item that is asked for now must have come: by its own time-out or that of the scope around.
  private func itemDeadline() -> UInt64 {
    let scope = CallScope.current?.deadline ?? .max
    let own = call.limits.item == .max ? .max : CallLimits.deadline(call.limits.item, after: connection.loop.now())
    call.isItemLimitInherited = scope < own
    return min(scope, own)
  }

  private func waitForMore(until deadline: UInt64) async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        if !connection.park(call, continuation, until: deadline) { continuation.resume() }
      }
    } onCancel: {
      call.cancel()
    }
  }

  private func decode(_ frame: inout Frame, from start: Int) throws -> Element {
    do {
      // The bare item, not wrapped in an array as a single value is.
      return try frame.withValue(from: start) { try unpack($0) }
    } catch let error as MessagePackError {
      throw RPCError(
        code: .invalidResult,
        message: "an item of the stream '\(call.method)' of \(connection.endpoint) is not what was asked for: \(error)",
        cause: error)
    }
  }
}
