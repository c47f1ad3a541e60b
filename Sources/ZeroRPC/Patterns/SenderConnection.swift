internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ

/// Sends the messages of a pusher or a publisher: one PUSH or XPUB socket, and what waits for its consumers.
///
/// A message goes to libzmq at once, from the thread that the sender is on. When libzmq takes no more, which only PUSH says,
/// the sender waits here, and the loop's leader sends for it. Everything is guarded by one lock; continuations are resumed
/// after it is released.
final class SenderConnection: EventSource, EndpointUser {
  /// A message that waits until a consumer has room. The connection's lock guards it.
  final class Waiter: @unchecked Sendable {  // guarded by the connection's lock, see above
    let event: EventBuffer
    let deadline: UInt64
    var outcome: Outcome?
    var continuation: UnsafeContinuation<Void, Never>?

    init(_ event: EventBuffer, deadline: UInt64) { (self.event, self.deadline) = (event, deadline) }
  }

  /// A task that waits until a number of peers is there. The connection's lock guards it.
  final class PeerWaiter: @unchecked Sendable {  // guarded by the connection's lock, see above
    let count: Int
    let deadline: UInt64
    var outcome: Outcome?
    var continuation: UnsafeContinuation<Void, Never>?

    init(_ count: Int, deadline: UInt64) { (self.count, self.deadline) = (count, deadline) }
  }

  /// Says how a wait ended.
  enum Outcome: Sendable {
    case done
    case timedOut
    case cancelled
    case closed
    case failed(Int32)
  }

  /// Says what became of a message at first.
  enum Attempt {
    case ended(Outcome)
    case waits(Waiter)
  }

  struct State: ~Copyable {
    var socket: SocketHandle?
    var ids = MessageIDGenerator()
    var waiters: [Waiter] = []
    /// Consumers that are connected, or subscriptions.
    var peers = 0
    var connections = ConnectionCounter()
    var peerWaiters: [PeerWaiter] = []
    var frame = Frame()
  }

  let registration: EventRegistration
  let loop: EventLoop
  let logger: Logger
  private let context: ZMQContext
  private let isPublisher: Bool
  private let tracer: EventTracer?
  let state: Guarded<State>

  init(_ type: ZMQSocketType, _ configuration: RPCSenderConfiguration) throws(ZMQError) {
    let socket = try configuration.context.openSocket(type, configuration.transport)
    context = configuration.context
    logger = configuration.logger
    isPublisher = type == .extendedPublish
    tracer = EventTracer(logger, role: isPublisher ? "publisher" : "pusher")
    loop = context.eventLoop
    registration = EventRegistration(descriptor: socket.descriptor)
    var state = State()
    state.socket = socket
    self.state = Guarded(state)
    if !isPublisher {
      do throws(ZMQError) {
        // It holds this connection until the socket is closed. A weak reference would make every retain a slow one.
        _ = try SocketMonitor(socket, in: context, reporting: SenderConnection.connectionEvents) { self.note($0) }
      } catch {
        socket.close()
        throw error
      }
    }
    loop.register(self)
  }

  // MARK: Endpoints

  func attach(_ attachment: SocketHandle.Attachment, to endpoint: String) throws -> String {
    defer { loop.visit(self) }
    return try state.withLock { state in
      guard let socket = state.socket else {
        throw RPCError(code: .closed, message: "cannot attach to '\(endpoint)': the sender is closed")
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

  // MARK: Sending

  /// Sends a packed message, or queues it behind those that wait. Called from any thread.
  func send(_ packer: inout MessagePackPacker, deadline: @autoclosure () -> UInt64) -> Attempt {
    var mustLook = false
    var due = UInt64.max
    let attempt: Attempt = state.withLock { state in
      guard let socket = state.socket else { return .ended(.closed) }
      packer.withUnsafeMutableBytes { bytes in
        let offset = EventWriter.idOffset(in: bytes)
        guard let base = bytes.baseAddress, bytes.count >= offset + 32 else { return }
        state.ids.writeNext(to: base + offset)
        tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
      }
      var buffer: EventBuffer?
      if packer.count >= ClientConnection.zeroCopyThreshold {
        var taken = MessagePackPacker(reservingCapacity: 0)
        swap(&taken, &packer)
        buffer = EventBuffer(taken)
      }
      if state.waiters.isEmpty {
        let outcome: SocketHandle.Outcome
        if let buffer {
          outcome = buffer.send(on: socket)
        } else {
          outcome = packer.withUnsafeBytes { socket.send($0, more: false) }
        }
        // Sending takes libzmq's commands, and with them the edge that was to tell of a subscription.
        mustLook = isPublisher && !state.peerWaiters.isEmpty
        switch outcome {
        case .done: return .ended(.done)
        case .failed(let number): return .ended(.failed(number))
        // PUB drops what a subscriber has no room for, and never says this.
        case .wouldBlock where isPublisher: return .ended(.done)
        case .wouldBlock: break
        }
      }
      due = deadline()
      let waiter = Waiter(buffer ?? EventBuffer(copying: packer), deadline: due)
      state.waiters.append(waiter)
      mustLook = true
      return .waits(waiter)
    }
    if mustLook { loop.visit(self) }
    if due != .max { loop.schedule(self, at: due) }
    return attempt
  }

  /// Waits until a message that was queued is sent.
  func wait(for waiter: Waiter) async -> Outcome {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { _ in
          if waiter.outcome == nil { waiter.continuation = continuation }
          return waiter.outcome != nil
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let continuation = state.withLock { state -> UnsafeContinuation<Void, Never>? in
        guard waiter.outcome == nil else { return nil }
        waiter.outcome = .cancelled
        state.waiters.removeAll { $0 === waiter }
        return waiter.continuation.take()
      }
      continuation?.resume()
    }
    return waiter.outcome ?? .closed
  }

  // MARK: Service

  func service(now: UInt64) -> Bool {
    var wake: [UnsafeContinuation<Void, Never>] = []
    let hasMore = state.withLock { state in
      guard let socket = state.socket else { return false }
      if !state.waiters.isEmpty { flush(&state, socket, now, &wake) }
      if isPublisher { countSubscriptions(&state, socket) }
      settlePeerWaiters(&state, now, &wake)
      var next = UInt64.max
      for waiter in state.waiters { next = min(next, waiter.deadline) }
      for waiter in state.peerWaiters { next = min(next, waiter.deadline) }
      registration.deadline.store(next, ordering: .sequentiallyConsistent)
      // Takes libzmq's pending commands, or its descriptor would stay readable. What they brought has no edge any more.
      return socket.isReady(toSend: !state.waiters.isEmpty)
    }
    for continuation in wake { continuation.resume() }
    return hasMore
  }

  /// Sends what waits, in order, until libzmq takes no more; then ends what has waited for too long.
  private func flush(
    _ state: inout State, _ socket: SocketHandle, _ now: UInt64, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    var kept: [Waiter] = []
    for waiter in state.waiters {
      if kept.isEmpty {
        switch waiter.event.send(on: socket) {
        case .done: waiter.outcome = .done
        case .failed(let number): waiter.outcome = .failed(number)
        case .wouldBlock: break
        }
      }
      if waiter.outcome == nil, waiter.deadline <= now { waiter.outcome = .timedOut }
      if waiter.outcome == nil {
        kept.append(waiter)
      } else if let continuation = waiter.continuation.take() {
        wake.append(continuation)
      }
    }
    state.waiters = kept
  }

  /// Closes the socket and ends what waits.
  func close() {
    let wake: [UnsafeContinuation<Void, Never>] = state.withLock { state in
      guard let socket = state.socket else { return [] }
      state.socket = nil
      loop.unregister(self)
      socket.close()
      var wake: [UnsafeContinuation<Void, Never>] = []
      for waiter in state.waiters {
        waiter.outcome = .closed
        if let continuation = waiter.continuation.take() { wake.append(continuation) }
      }
      for waiter in state.peerWaiters {
        waiter.outcome = .closed
        if let continuation = waiter.continuation.take() { wake.append(continuation) }
      }
      (state.waiters, state.peerWaiters) = ([], [])
      return wake
    }
    for continuation in wake { continuation.resume() }
  }
}
