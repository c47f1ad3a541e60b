internal import Synchronization

/// Runs a producer beside its consumer in one process, one item at a time: for a service that is used without a network.
/// Letting go of it cancels the producer.
final class LocalStream<Element: Sendable>: Sendable {
  private let meeting: Meeting<Element>

  init(_ produce: @escaping @Sendable (RPCStream<Element>.Writer) async throws -> Void) {
    meeting = Meeting(produce)
  }

  deinit { meeting.abandon() }

  func next() async throws -> Element? { try await meeting.next() }
}

/// The point where a producer and a consumer hand over items; neither gets ahead of the other.
private final class Meeting<Element: Sendable>: Sendable {
  typealias Produce = @Sendable (RPCStream<Element>.Writer) async throws -> Void

  private struct State: Sendable {
    var produce: Produce?
    var task: Task<Void, Never>?
    var item: Element?
    var ending: Result<Void, any Error>?
    var consumer: CheckedContinuation<Void, Never>?
    /// Usually one, but a writer may be shared by child tasks.
    var producers: [CheckedContinuation<Void, Never>] = []
    /// Whether the consumer has asked for an item: the producer's credit.
    var isWanted = false
    var isAbandoned = false
  }

  private enum Step {
    case item(Element)
    case end(Result<Void, any Error>)
    case start(Produce)
    case wait
  }

  private let state: Mutex<State>

  init(_ produce: @escaping Produce) { state = Mutex(State(produce: produce)) }

  func next() async throws -> Element? {
    while true {
      if Task.isCancelled { abandon() }
      let (step, producers): (Step, [CheckedContinuation<Void, Never>]) = state.withLock { state in
        if let item = state.item {
          state.item = nil
          return (.item(item), [])
        }
        if let ending = state.ending { return (.end(ending), []) }
        state.isWanted = true
        if let produce = state.produce {
          state.produce = nil
          return (.start(produce), [])
        }
        defer { state.producers = [] }
        return (.wait, state.producers)
      }
      for producer in producers { producer.resume() }
      switch step {
      case .item(let item): return item
      case .end(let ending):
        try ending.get()
        return nil
      case .start(let produce): start(produce)
      case .wait: await waitForProducer()
      }
    }
  }

  private func start(_ produce: @escaping Produce) {
    let task = Task {
      do {
        try await produce(RPCStream<Element>.Writer { try await self.write($0) })
        self.finish(.success(()))
      } catch {
        self.finish(.failure(error))
      }
    }
    let isAbandoned = state.withLock { state in
      state.task = task
      return state.isAbandoned
    }
    if isAbandoned { task.cancel() }
  }

  private func waitForProducer() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let resumesNow = state.withLock { state in
          if state.item != nil || state.ending != nil { return true }
          state.consumer = continuation
          return false
        }
        if resumesNow { continuation.resume() }
      }
    } onCancel: {
      abandon()
    }
  }

  private func write(_ item: Element) async throws {
    while true {
      try Task.checkCancellation()
      let (isHandedOver, consumer): (Bool, CheckedContinuation<Void, Never>?) = state.withLock { state in
        guard state.isWanted, !state.isAbandoned else { return (false, nil) }
        state.item = item
        state.isWanted = false
        defer { state.consumer = nil }
        return (true, state.consumer)
      }
      consumer?.resume()
      if isHandedOver { return }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let resumesNow = state.withLock { state in
            if state.isWanted || state.isAbandoned || Task.isCancelled { return true }
            state.producers.append(continuation)
            return false
          }
          if resumesNow { continuation.resume() }
        }
      } onCancel: {
        wakeProducers()
      }
    }
  }

  private func wakeProducers() {
    let producers = state.withLock { state in
      defer { state.producers = [] }
      return state.producers
    }
    for producer in producers { producer.resume() }
  }

  private func finish(_ ending: Result<Void, any Error>) {
    let consumer = state.withLock { state in
      if state.ending == nil { state.ending = ending }
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.resume()
  }

  /// Ends the stream from the consumer's side.
  func abandon() {
    let task = state.withLock { state in
      state.isAbandoned = true
      state.item = nil
      return state.task
    }
    task?.cancel()
    finish(.failure(CancellationError()))
    wakeProducers()
  }
}
