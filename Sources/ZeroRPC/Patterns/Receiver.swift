internal import Synchronization
internal import ZeroMQ

/// Holds what a puller and a subscriber have in common: services, configuration, socket and life cycle.
final class Receiver: Sendable {
  private enum Phase: Sendable { case idle, running, stopped }

  private struct State: Sendable {
    var phase = Phase.idle
    var connection: ReceiverConnection?
  }

  let name: String
  let configuration: RPCReceiverConfiguration
  private let type: ZMQSocketType
  private let methods: MethodTable
  private let duplicates: [String]
  private let list: EndpointList
  private let state = Mutex(State())

  init(
    _ type: ZMQSocketType, _ name: String?, _ services: [any RPCService], _ configuration: RPCReceiverConfiguration
  ) {
    let definitions = services.map(\.zeroRPCGenerated)
    self.type = type
    let receiverName = name ?? definitions.first?.name ?? "Receiver"
    self.name = receiverName
    self.configuration = configuration
    list = EndpointList(of: receiverName, resolvers: configuration.resolvers)
    var duplicates: [String] = []
    methods = MethodTable(definitions.flatMap(\.methods), duplicates: &duplicates)
    self.duplicates = duplicates
  }

  // MARK: Endpoints

  var endpoints: [String] { list.endpoints }

  func bind(_ endpoint: String) async throws -> String {
    try await retryingBind(in: configuration.context.eventLoop) { try attach(.bind, endpoint) }
  }

  @discardableResult
  func attach(_ attachment: SocketHandle.Attachment, _ endpoint: String) throws -> String {
    try list.attach(try connectionForUse(), attachment, to: endpoint)
  }

  func detach(_ endpoint: String) throws {
    try list.detach(state.withLock { $0.connection }, from: endpoint)
  }

  private func connectionForUse() throws -> ReceiverConnection {
    guard duplicates.isEmpty else {
      throw RPCError(
        code: .invalidConfiguration,
        message: "two services of \(name) have a method named \(duplicates.joined(separator: ", ")); "
          + "give one of them another name by '// zerorpc: name = \"…\"'")
    }
    return try state.withLock { state in
      if let connection = state.connection { return connection }
      guard state.phase != .stopped else { throw stopped }
      do {
        let connection = try ReceiverConnection(type, configuration)
        state.connection = connection
        return connection
      } catch {
        throw RPCError(error)
      }
    }
  }

  private var stopped: RPCError {
    RPCError(code: .closed, message: "the receiver \(name) has been run already; make a new one")
  }

  // MARK: Running

  func run() async throws {
    let connection = try connectionForUse()
    try state.withLock { state in
      guard state.phase == .idle else { throw stopped }
      state.phase = .running
    }
    connection.start()
    let worker = ReceiverWorker(connection, methods, configuration, role: type == .pull ? "puller" : "subscriber")
    let count = max(1, configuration.concurrency)
    let grace = configuration.shutdownGrace
    await withTaskCancellationHandler {
      // Child tasks, so that cancelling this one cancels the handlers.
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<count {
          group.addTask(executorPreference: connection.loop) {
            await worker.work()
            return true
          }
        }
        group.addTask {
          await connection.waitForDrain()
          try? await Task.sleep(for: grace)
          return false
        }
        var working = count
        while working > 0, let hasWorked = await group.next() {
          if hasWorked { working -= 1 } else { group.cancelAll() }
        }
        group.cancelAll()
        connection.drain()
      }
    } onCancel: {
      connection.close()
    }
    connection.close()
    state.withLock { state in
      state.phase = .stopped
      state.connection = nil
    }
    list.removeAll()
  }

  func beginGracefulShutdown() throws { try connectionForUse().drain() }
}
