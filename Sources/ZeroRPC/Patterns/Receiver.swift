internal import Synchronization
internal import ZeroMQ

/// Holds what a puller and a subscriber have in common: services, configuration, socket and life cycle.
final class Receiver: Sendable {
  private enum Phase: Sendable { case idle, running, stopped }

  private struct State: Sendable {
    var phase = Phase.idle
    var connection: ReceiverConnection?
    var endpoints: [(attachment: SocketHandle.Attachment, endpoint: String)] = []
  }

  let name: String
  let configuration: RPCReceiverConfiguration
  private let type: ZMQSocketType
  private let methods: MethodTable
  private let duplicates: [String]
  private let state = Mutex(State())

  init(
    _ type: ZMQSocketType, _ name: String?, _ services: [any RPCService], _ configuration: RPCReceiverConfiguration
  ) {
    let definitions = services.map(\.zeroRPCGenerated)
    self.type = type
    self.name = name ?? definitions.first?.name ?? "Receiver"
    self.configuration = configuration
    var duplicates: [String] = []
    methods = MethodTable(definitions.flatMap(\.methods), duplicates: &duplicates)
    self.duplicates = duplicates
  }

  // MARK: Endpoints

  var endpoints: [String] { state.withLock { $0.endpoints.map(\.endpoint) } }

  func bind(_ endpoint: String) async throws -> String {
    try await retryingBind(in: configuration.context.eventLoop) { try attach(.bind, endpoint) }
  }

  @discardableResult
  func attach(_ attachment: SocketHandle.Attachment, _ endpoint: String) throws -> String {
    let connection = try connectionForUse()
    var attached: [String] = []
    do {
      for endpoint in try configuration.resolvers.resolve(endpoint) {
        attached.append(try connection.attach(attachment, to: endpoint))
      }
    } catch {
      for endpoint in attached { try? connection.detach(attachment, from: endpoint) }
      throw error
    }
    state.withLock { state in
      for real in attached { state.endpoints.append((attachment, real)) }
    }
    return attached.first ?? endpoint
  }

  func detach(_ endpoint: String) throws {
    for endpoint in try configuration.resolvers.resolve(endpoint) {
      let (connection, attachment) = state.withLock { state in
        let index = state.endpoints.firstIndex { $0.endpoint == endpoint }
        return (state.connection, index.map { state.endpoints.remove(at: $0).attachment })
      }
      guard let connection, let attachment else {
        throw RPCError(code: .invalidEndpoint, message: "cannot disconnect '\(endpoint)': \(name) does not use it")
      }
      try connection.detach(attachment, from: endpoint)
    }
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
      state.endpoints = []
    }
  }

  func beginGracefulShutdown() throws { try connectionForUse().drain() }
}
