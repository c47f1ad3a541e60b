internal import MessagePack
internal import ZeroMQ

/// Pulls the items of a stream that a peer sends. Letting go of it ends the stream at the peer.
final class ClientStream<Element: Sendable>: Sendable {
  private let call: ClientCall
  private let connection: ClientConnection
  private let method: String
  private let client: RPCClient
  private let unpack: @Sendable (MessagePackView) throws -> Element

  init(
    _ call: ClientCall, _ connection: ClientConnection, method: String, client: RPCClient,
    _ unpack: @escaping @Sendable (MessagePackView) throws -> Element
  ) {
    self.call = call
    self.connection = connection
    self.method = method
    self.client = client
    self.unpack = unpack
  }

  deinit { connection.cancel(call) }

  func next() async throws -> Element? {
    var frame = Frame()
    while true {
      switch connection.pull(call, into: &frame) {
      case .item(let arguments):
        return try decode(&frame, from: arguments)
      case .ended:
        if case .endOfStream = call.ending { return nil }
        throw client.failure(of: call, method, RPCCallOptions(), connection)
      case .wait:
        try await waitForMore()
      }
    }
  }

  private func waitForMore() async throws {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        if !connection.park(call, continuation) { continuation.resume() }
      }
    } onCancel: {
      connection.cancel(call)
    }
  }

  private func decode(_ frame: inout Frame, from start: Int) throws -> Element {
    do {
      return try frame.withUnsafeBytes { bytes in
        // The bare item, not wrapped in an array as a single value is.
        try MessagePackParser.withView(of: UnsafeRawBufferPointer(rebasing: bytes[start...])) { try unpack($0) }
      }
    } catch let error as MessagePackError {
      throw RPCError(
        code: .invalidResult,
        message: "an item of the stream '\(method)' of \(connection.endpoint) is not what was asked for: \(error)",
        cause: error)
    }
  }
}
