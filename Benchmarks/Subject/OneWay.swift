internal import BenchmarkSupport
internal import Foundation
internal import Synchronization
internal import ZeroRPC

/// Pushes or publishes as fast as it can, until told to stop.
struct OneWaySender: Sendable {
  let mode: LoadMode
  let mark: Int
  let size: Int

  func run(at endpoint: String) async throws {
    try await send(at: endpoint) {
      print("ready \(endpoint)")
      fflush(nil)
      await StopRequest.wait()
    }
  }

  /// Binds, and sends while a closure is under way.
  func send(at endpoint: String, during body: () async throws -> Void) async throws {
    var configuration = RPCSenderConfiguration()
    configuration.transport.sendHighWaterMark = mark
    configuration.transport.linger = .zero
    configuration.timeout = .seconds(3600)
    let payload = Data(count: Envelope.payloadSize(forEvent: size))
    try await withThrowingTaskGroup(of: Void.self) { group in
      switch mode {
      case .push:
        let pusher = RPCPusher(configuration: configuration)
        try pusher.bind(endpoint)
        group.addTask {
          let stub = EchoPusher(pusher)
          while !Task.isCancelled { try await stub.take(payload) }
        }
      default:
        let publisher = RPCPublisher(configuration: configuration)
        try publisher.bind(endpoint)
        group.addTask {
          let stub = EchoPublisher(publisher)
          try await publisher.waitForSubscribers(1)
          while !Task.isCancelled { try stub.take(payload) }
        }
      }
      try await body()
      group.cancelAll()
      do { try await group.waitForAll() } catch is CancellationError {}
    }
  }
}

/// Pulls or subscribes, and counts.
struct OneWayReceiver: Sendable {
  let options: LoadOptions

  init(_ options: LoadOptions) { self.options = options }

  func run() async throws {
    guard options.endpoint.hasPrefix("inproc://") else { return try await measure() }
    let sender = OneWaySender(mode: options.mode, mark: options.inFlight, size: options.size)
    try await sender.send(at: options.endpoint, during: measure)
  }

  private func measure() async throws {
    let counter = Counter(size: Envelope.payloadSize(forEvent: options.size))
    var configuration = RPCReceiverConfiguration()
    configuration.transport.receiveHighWaterMark = options.inFlight
    let run: @Sendable () async throws -> Void
    switch options.mode {
    case .push:
      let puller = Puller(counter, configuration: configuration)
      try await puller.connect(options.endpoint)
      run = puller.run
    default:
      let subscriber = Subscriber(counter, configuration: configuration)
      try await subscriber.connect(options.endpoint)
      run = subscriber.run
    }
    let receiving = Task.detached { try await run() }
    let load = LoadGenerator(subject: "zerorpc", options: options)
    let size = options.size
    let result = try await load.runStream { limit, item in
      try await counter.count(upTo: limit) { isRight in try item(isRight ? size : -1) }
    }
    print(try result.line)
    fflush(nil)
    receiving.cancel()
    try await receiving.value
  }
}

/// Counts what it is told, while somebody asks it to.
private final class Counter: Echo {
  private struct State {
    var left: UInt64 = 0
    var item: (@Sendable (Bool) throws -> Bool)?
    var continuation: CheckedContinuation<Void, any Error>?
  }

  private let size: Int
  private let state = Mutex(State())

  init(size: Int) { self.size = size }

  /// Passes so many messages to a closure, or until it returns false.
  func count(upTo limit: UInt64, _ item: @escaping @Sendable (Bool) throws -> Bool) async throws {
    try await withCheckedThrowingContinuation { continuation in
      state.withLock { $0 = State(left: limit, item: item, continuation: continuation) }
    }
  }

  func take(_ body: Data) {
    state.withLock { state in
      guard let item = state.item else { return }
      do {
        state.left -= 1
        if try item(body.count == size), state.left > 0 { return }
        state.continuation?.resume()
      } catch {
        state.continuation?.resume(throwing: error)
      }
      state = State()
    }
  }

  func call(_ body: Data) -> Data { body }
  func stream(count: Int, size: Int) -> RPCStream<Data> { RPCStream { _ in } }
}
