internal import CZeroMQ
internal import Synchronization

/// Performs the sends and receives of a ``ZMQSocket`` on the event loop.
final class SocketCore: EventSource {
  /// Says what a task wants of the socket.
  enum Wish: Sendable {
    case send(ZMQMessage)
    case sendFrames([ZMQFrame])
    case receive
    case receiveFrames
  }

  /// A task that waits. The core's lock guards it until the continuation is resumed.
  final class Waiter: @unchecked Sendable {  // guarded by the core's lock, see above
    let wish: Wish
    let deadline: UInt64
    var continuation: UnsafeContinuation<Void, Never>?
    var result: Result<[Part], any Error>?

    init(_ wish: Wish, deadline: UInt64) { (self.wish, self.deadline) = (wish, deadline) }
  }

  private struct State: ~Copyable {
    var handle: SocketHandle?
    var senders: [Waiter] = []
    var receivers: [Waiter] = []
    var frame = Frame()
  }

  let type: ZMQSocketType
  let context: ZMQContext
  let registration: EventRegistration
  private let sendsOnePart: Bool
  private let state: Guarded<State>

  init(_ handle: SocketHandle, _ type: ZMQSocketType, _ context: ZMQContext, sendsOnePart: Bool) {
    (self.type, self.context, self.sendsOnePart) = (type, context, sendsOnePart)
    registration = EventRegistration(descriptor: handle.descriptor)
    var state = State()
    state.handle = handle
    self.state = Guarded(state)
  }

  /// Uses the socket under the lock.
  func withHandle<Value>(_ body: (SocketHandle) throws(ZMQError) -> Value) throws(ZMQError) -> Value {
    defer { context.eventLoop.visit(self) }
    return try state.withLock { state throws(ZMQError) in
      guard let handle = state.handle else { throw SocketCore.closed }
      return try body(handle)
    }
  }

  private static var closed: ZMQError { ZMQError(code: .notASocket, message: "the socket is closed") }

  // MARK: Tasks

  /// Fulfils a wish, at once or as soon as it can be.
  func exchange(_ wish: Wish, timeout: Duration?) async throws -> [Part] {
    try Task.checkCancellation()
    let (deadline, overflow) = MonotonicTime.now().addingReportingOverflow(timeout?.clampedNanoseconds ?? .max)
    let waiter = Waiter(wish, deadline: overflow ? .max : deadline)
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in begin(waiter, continuation) }
    } onCancel: {
      cancel(waiter)
    }
    switch waiter.result {
    case .success(let parts): return parts
    case .failure(let error): throw error
    case nil: throw SocketCore.closed
    }
  }

  private func begin(_ waiter: Waiter, _ continuation: UnsafeContinuation<Void, Never>) {
    let isDone = state.withLock { state in
      if waiter.result != nil { return true }  // cancelled before it began
      guard let handle = state.handle else {
        waiter.result = .failure(SocketCore.closed)
        return true
      }
      // Those that came first go first.
      switch waiter.wish {
      case .send, .sendFrames:
        if state.senders.isEmpty { attempt(waiter, handle, &state) }
        if waiter.result == nil { state.senders.append(waiter) }
      case .receive, .receiveFrames:
        if state.receivers.isEmpty { attempt(waiter, handle, &state) }
        if waiter.result == nil { state.receivers.append(waiter) }
      }
      if waiter.result == nil { waiter.continuation = continuation }
      return waiter.result != nil
    }
    // This use may have consumed the edge that tells the loop of input or room.
    context.eventLoop.visit(self)
    if waiter.deadline != .max, !isDone { context.eventLoop.schedule(self, at: waiter.deadline) }
    if isDone { continuation.resume() }
  }

  private func cancel(_ waiter: Waiter) {
    let continuation: UnsafeContinuation<Void, Never>? = state.withLock { state in
      guard waiter.result == nil else { return nil }
      waiter.result = .failure(CancellationError())
      state.senders.removeAll { $0 === waiter }
      state.receivers.removeAll { $0 === waiter }
      defer { waiter.continuation = nil }
      return waiter.continuation
    }
    continuation?.resume()
  }

  /// Tries to fulfil a wish; leaves its result nil when it has to wait.
  private func attempt(_ waiter: Waiter, _ handle: SocketHandle, _ state: inout State) {
    switch waiter.wish {
    case .send(let message):
      finish(waiter, sending: message.parts.count, handle.send(whole: message))
    case .sendFrames(let frames):
      finish(waiter, sending: frames.count, handle.send(whole: frames))
    case .receive, .receiveFrames:
      var parts: [Part] = []
      var copiesSmall = true
      if case .receiveFrames = waiter.wish { copiesSmall = false }
      repeat {
        switch state.frame.receive(from: handle) {
        case .done: parts.append(Part(&state.frame, copiesSmall: copiesSmall))
        case .wouldBlock: return
        case .failed(let number):
          waiter.result = .failure(ZMQError.sendingOrReceiving(number, isSend: false, type))
          return
        }
      } while state.frame.hasMore(from: handle)
      state.frame.clear()
      waiter.result = .success(parts)
    }
  }

  private func finish(_ waiter: Waiter, sending count: Int, _ outcome: @autoclosure () -> SocketHandle.Outcome) {
    if sendsOnePart, count > 1 {
      let text = "a \(type) socket with the option conflate sends messages of one part, but this one has \(count)"
      waiter.result = .failure(ZMQError(code: .invalidArgument, message: text))
      return
    }
    switch outcome() {
    case .done: waiter.result = .success([])
    case .wouldBlock: break
    case .failed(let number):
      waiter.result = .failure(ZMQError.sendingOrReceiving(number, isSend: true, type))
    }
  }

  // MARK: Service

  func service(now: UInt64) -> Bool {
    var wake: [UnsafeContinuation<Void, Never>] = []
    let hasMore = state.withLock { state in
      guard let handle = state.handle else { return false }
      let senders = state.senders
      state.senders = remaining(of: senders, handle, &state, now, &wake)
      let receivers = state.receivers
      state.receivers = remaining(of: receivers, handle, &state, now, &wake)
      var next = (state.senders + state.receivers).map(\.deadline).min() ?? .max
      // Neither the descriptor nor the events of a ROUTER or an XPUB tell when the one full peer has room again.
      let mustRetry = !state.senders.isEmpty && [.router, .extendedPublish, .publish].contains(type)
      if mustRetry { next = min(next, now &+ SocketCore.retryNanoseconds) }
      registration.deadline.store(next, ordering: .sequentiallyConsistent)
      // One look, last of all uses: it takes libzmq's pending commands, or its descriptor would stay readable, and what these
      // brought has no edge any more. A second look could take commands that the first has not seen the effect of.
      let ready = handle.readiness
      if ready.toReceive, !state.receivers.isEmpty { return true }
      return !mustRetry && !state.senders.isEmpty && ready.toSend
    }
    for continuation in wake { continuation.resume() }
    return hasMore
  }

  /// How soon a send is tried again that waits for one peer among many, in nanoseconds.
  private static let retryNanoseconds: UInt64 = 5_000_000

  /// Fulfils wishes in order until one has to wait, ends those whose time is over, and returns the rest.
  private func remaining(
    of waiters: [Waiter], _ handle: SocketHandle, _ state: inout State, _ now: UInt64,
    _ wake: inout [UnsafeContinuation<Void, Never>]
  ) -> [Waiter] {
    guard !waiters.isEmpty else { return waiters }
    var rest: [Waiter] = []
    for waiter in waiters {
      if rest.isEmpty { attempt(waiter, handle, &state) }
      if waiter.result == nil, waiter.deadline <= now {
        waiter.result = .failure(
          ZMQError(code: .wouldBlock, message: "the time-out passed before a peer could take or send a message"))
      }
      if waiter.result == nil {
        rest.append(waiter)
      } else if let continuation = waiter.continuation {
        waiter.continuation = nil
        wake.append(continuation)
      }
    }
    return rest
  }

  /// Closes the socket and ends what waits.
  func close() {
    let wake: [UnsafeContinuation<Void, Never>] = state.withLock { state in
      guard let handle = state.handle else { return [] }
      state.handle = nil
      context.eventLoop.unregister(self)
      handle.close()
      let waiters = state.senders + state.receivers
      (state.senders, state.receivers) = ([], [])
      return waiters.compactMap { waiter in
        waiter.result = .failure(SocketCore.closed)
        defer { waiter.continuation = nil }
        return waiter.continuation
      }
    }
    for continuation in wake { continuation.resume() }
  }
}
