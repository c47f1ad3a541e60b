internal import Logging
internal import MessagePack
internal import ZeroMQ

/// Receives the messages of a puller or a subscriber: one PULL or SUB socket, and the workers that run the handlers.
///
/// A worker takes its next message from the socket itself, when it is ready for it. So nothing is queued here: what no worker
/// is free for stays with libzmq, whose queues hold the senders back. The loop's leader only wakes workers.
final class ReceiverConnection: EventSource, EndpointUser {
  struct State: ~Copyable {
    var socket: SocketHandle?
    /// Workers that wait for a message; resumed with false to end.
    var idle: [UnsafeContinuation<Bool, Never>] = []
    var isDraining = false
    var drainWaiter: UnsafeContinuation<Void, Never>?
  }

  /// Says what a worker found at the socket.
  enum Intake { case message, nothing, ended }

  let registration: EventRegistration
  let loop: EventLoop
  let warnings: WarningLimiter
  private let context: ZMQContext
  private let state: Guarded<State>

  init(_ type: ZMQSocketType, _ configuration: RPCReceiverConfiguration) throws(ZMQError) {
    let socket = try configuration.context.openSocket(type, configuration.transport)
    context = configuration.context
    loop = context.eventLoop
    warnings = WarningLimiter(configuration.logger)
    registration = EventRegistration(descriptor: socket.descriptor)
    state = Guarded(State(socket: socket))
  }

  deinit { state.withLock { $0.socket?.close() } }

  /// Starts waking workers for what comes.
  func start() { loop.register(self) }

  // MARK: Endpoints

  func attach(_ attachment: SocketHandle.Attachment, to endpoint: String) throws -> String {
    defer { loop.visit(self) }
    return try state.withLock { state in
      guard let socket = state.socket else {
        throw RPCError(code: .closed, message: "cannot attach to '\(endpoint)': the receiver has stopped")
      }
      do { return try socket.attach(attachment, to: endpoint) } catch { throw RPCError(error) }
    }
  }

  func detach(_ attachment: SocketHandle.Attachment, from endpoint: String) throws {
    defer { loop.visit(self) }
    try state.withLock { state in
      guard let socket = state.socket else { return }
      do { try socket.detach(attachment, from: endpoint) } catch { throw RPCError(error) }
    }
  }

  // MARK: Messages

  /// Receives the next message; its last frame is what counts, as with the reference.
  func take(into frame: inout Frame) -> Intake {
    var other: UnsafeContinuation<Bool, Never>?
    let intake: Intake = state.withLock { state in
      guard let socket = state.socket, !state.isDraining else { return .ended }
      repeat {
        guard frame.receive(from: socket) == .done else { return .nothing }
      } while frame.hasMore
      // The leader wakes one worker; each wakes the next as long as there is more to do.
      if !state.idle.isEmpty, socket.isReadable { other = state.idle.popLast() }
      return .message
    }
    other?.resume(returning: true)
    return intake
  }

  /// Waits until there may be a message; false when there will be none any more.
  func waitForMessage() async -> Bool {
    await withUnsafeContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        guard let socket = state.socket, !state.isDraining else { return false }
        // Receiving may have consumed the edge that would wake the leader.
        if socket.isReadable { return true }
        state.idle.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  // MARK: Service

  func service(now: UInt64) -> Bool {
    let worker = state.withLock { state -> UnsafeContinuation<Bool, Never>? in
      // Also takes libzmq's pending commands, or its descriptor would stay readable.
      guard let socket = state.socket, socket.isReadable else { return nil }
      return state.idle.popLast()
    }
    worker?.resume(returning: true)
    return false
  }

  // MARK: The end

  /// Takes no more messages; handlers that are running go on.
  func drain() {
    let (idle, waiter) = state.withLock { state in
      state.isDraining = true
      defer { state.idle = [] }
      return (state.idle, state.drainWaiter.take())
    }
    for worker in idle { worker.resume(returning: false) }
    waiter?.resume()
  }

  /// Waits until ``drain()`` or ``close()`` is called. Only one task may.
  func waitForDrain() async {
    await withUnsafeContinuation { continuation in
      let isOver = state.withLock { state in
        if state.isDraining || state.socket == nil { return true }
        state.drainWaiter = continuation
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  /// Closes the socket. What it has received and nobody has taken is lost.
  func close() {
    drain()
    state.withLock { state in
      guard let socket = state.socket else { return }
      state.socket = nil
      loop.unregister(self)
      socket.close()
    }
  }
}
