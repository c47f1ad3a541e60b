import Synchronization
import ZeroRPC

/// What clients call.
protocol Store: RPCService {
  /// Says who answers.
  // zerorpc: idempotent
  func whoAnswers() async throws -> String
}

/// What the two servers tell each other.
// zerorpc: publisher
protocol Peer: RPCService {
  func report(_ state: String) async throws
}

struct StoreService: Store {
  let name: String

  func whoAnswers() -> String { name }
}

struct PeerService: Peer {
  let server: StarServer

  func report(_ state: String) throws {
    if let state = StateMachine.State(rawValue: state) { try server.hear(state) }
  }
}

/// Is one server of the pair.
final class StarServer: RPCServerInterceptor {
  /// Says that the other server is the one to call.
  struct NotActive: Error {}

  static let heartbeat = Duration.milliseconds(50)
  /// Longer than any pause that a busy machine makes.
  static let patience = Duration.milliseconds(1_000)

  let name: String
  private let machine: Mutex<StateMachine>

  init(_ state: StateMachine.State) {
    name = state.rawValue
    machine = Mutex(StateMachine(state))
  }

  var state: StateMachine.State { machine.withLock { $0.state } }

  /// Hears the peer's state.
  func hear(_ state: StateMachine.State) throws {
    try machine.withLock { machine in try machine.hear(state, at: .now, patience: StarServer.patience) }
  }

  func intercept(_ call: RPCServerContext, next: (RPCServerContext) async throws -> Void) async throws {
    guard machine.withLock({ $0.admitsCall(at: .now) }) else { throw NotActive() }
    try await next(call)
  }

  /// Serves at one endpoint, publishes its state at another, and listens to the peer, until the task is cancelled.
  func run(at endpoint: String, publishingAt ownState: String, listeningTo peerState: String) async throws {
    var configuration = RPCServerConfiguration()
    configuration.interceptors = [self]
    let server = RPCServer(services: [StoreService(name: name)], configuration: configuration)
    try await server.bind(endpoint)
    let publisher = RPCPublisher()
    try publisher.bind(ownState)
    let subscriber = Subscriber(PeerService(server: self))
    try await subscriber.connect(peerState)
    defer { publisher.close() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      group.addTask { try await subscriber.run() }
      group.addTask {
        while !Task.isCancelled {
          try PeerPublisher(publisher).report(self.state.rawValue)
          try? await Task.sleep(for: StarServer.heartbeat)
        }
      }
      try await group.waitForAll()
    }
  }
}
