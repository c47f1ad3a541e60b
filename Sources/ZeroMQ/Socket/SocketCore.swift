internal import CZeroMQ
internal import Synchronization

/// Performs the sends and receives of a ``ZMQSocket`` on the event loop.
final class SocketCore: EventSource {
  /// Says what a task wants of the socket.
  enum Wish: Sendable {
    case send(ZMQMessage)
    case receive
  }

  /// A task that waits. The core's lock guards it until the continuation is resumed.
  final class Waiter: @unchecked Sendable {  // guarded by the core's lock, see above
    let wish: Wish
    let deadline: UInt64
    var continuation: UnsafeContinuation<Void, Never>?
    var result: Result<ZMQMessage, any Error>?

    init(_ wish: Wish, deadline: UInt64) { (self.wish, self.deadline) = (wish, deadline) }
  }

  private struct State: ~Copyable {
    var handle: SocketHandle?
    var senders: [Waiter] = []
    var receivers: [Waiter] = []
    var frame = Frame()
  }

  let registration: EventRegistration
  private let context: ZMQContext
  private let state: Guarded<State>

  init(_ handle: SocketHandle, _ context: ZMQContext) {
    self.context = context
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
  func exchange(_ wish: Wish, type: ZMQSocketType, timeout: Duration?) async throws -> ZMQMessage {
    try Task.checkCancellation()
    let (deadline, overflow) = MonotonicTime.now().addingReportingOverflow(timeout?.clampedNanoseconds ?? .max)
    let waiter = Waiter(wish, deadline: overflow ? .max : deadline)
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in begin(waiter, continuation) }
    } onCancel: {
      cancel(waiter)
    }
    switch waiter.result {
    case .success(let message): return message
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
      switch waiter.wish {
      case .send:
        // Those that came first go first.
        if state.senders.isEmpty { attempt(waiter, handle, &state) }
        if waiter.result == nil { state.senders.append(waiter) }
      case .receive:
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
      switch send(message, handle) {
      case .done: waiter.result = .success(message)
      case .wouldBlock: break
      case .failed(let number): waiter.result = .failure(error("send", number))
      }
    case .receive:
      var parts: [[UInt8]] = []
      repeat {
        switch state.frame.receive(from: handle) {
        case .done: parts.append(state.frame.withUnsafeBytes { Array($0) })
        case .wouldBlock: return
        case .failed(let number):
          waiter.result = .failure(error("receive", number))
          return
        }
      } while state.frame.hasMore
      state.frame.clear()
      waiter.result = .success(ZMQMessage(parts: parts))
    }
  }

  private func send(_ message: ZMQMessage, _ handle: SocketHandle) -> SocketHandle.Outcome {
    guard let last = message.parts.last else {
      return handle.send(UnsafeRawBufferPointer(start: nil, count: 0), more: false)
    }
    // Once the first part is taken, libzmq takes the others too: a message is whole or not there at all.
    for part in message.parts.dropLast() {
      let outcome = part.withUnsafeBytes { handle.send($0, more: true) }
      if outcome != .done { return outcome }
    }
    return last.withUnsafeBytes { handle.send($0, more: false) }
  }

  private func error(_ verb: String, _ number: Int32) -> ZMQError {
    let code = ZMQError.Code(number: number)
    return ZMQError(code: code, message: "cannot \(verb): \(code)")
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
      let next = (state.senders + state.receivers).map(\.deadline).min() ?? .max
      registration.deadline.store(next, ordering: .sequentiallyConsistent)
      // Takes libzmq's pending commands, or its descriptor would stay readable. What they brought has no edge any more.
      return (handle.isReadable && !state.receivers.isEmpty) || (handle.isWritable && !state.senders.isEmpty)
    }
    for continuation in wake { continuation.resume() }
    return hasMore
  }

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
