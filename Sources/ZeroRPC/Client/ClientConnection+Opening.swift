internal import MessagePack
internal import Synchronization
internal import ZeroMQ

// Opening channels. Callers do it themselves when they can, and leave it to the leader when they would have to wait for a lock.
extension ClientConnection {
  /// A request that waits for the leader, because that one held the connection's lock when it was made.
  struct Submission: Sendable {
    let call: ClientCall
    let continuation: UnsafeContinuation<Void, Never>
  }

  /// The same for a request that is too large to be copied.
  struct LargeSubmission: Sendable {
    let submission: Submission
    let event: EventBuffer
  }

  struct Inbox: ~Copyable {
    var requests = Cork<Submission>()
    var largeRequests: [LargeSubmission] = []
    /// Whether nobody will look here any more.
    var isClosed = false

    var count: Int { requests.count + largeRequests.count }
  }

  /// Opens a channel for a call and arranges for the continuation to be resumed when the first reply is there or the call has
  /// ended. Called from any thread.
  func open(_ call: ClientCall, _ continuation: UnsafeContinuation<Void, Never>) {
    // Not kept while the call waits: its buffer is the thread's own, for the next request.
    guard var packer = call.request.take() else { return continuation.resume() }
    if packer.messageSize >= ClientConnection.zeroCopyThreshold { return open(call, EventBuffer(packer), continuation) }
    // The leader holds the lock while it receives a burst. Callers that waited for that would spend their time with waiting.
    if !call.isOneWay {
      let step = state.withLockIfAvailable { state in open(call, &packer, continuation, &state) }
      if let step {
        perform(step, continuation)
        return
      }
      if isServing.load(ordering: .relaxed), submit(call, packer, continuation) {
        loop.visit(self)
        return
      }
    }
    perform(state.withLock { state in open(call, &packer, continuation, &state) }, continuation)
  }

  /// Opens a channel with a large request. Sending it takes as long as copying it, under the lock; a leader that is awake would have
  /// to wait for that, or its caller for the leader's own copying, so that it is left to the leader.
  private func open(_ call: ClientCall, _ event: EventBuffer, _ continuation: UnsafeContinuation<Void, Never>) {
    if loop.leaderIsParked, let step = state.withLockIfAvailable({ state in open(call, event, continuation, &state) }) {
      perform(step, continuation)
    } else if submit(call, event, continuation) {
      loop.visit(self)
    } else {
      perform(state.withLock { state in open(call, event, continuation, &state) }, continuation)
    }
  }

  /// What is left to do when the lock is released.
  private struct Step {
    let isOpen: Bool
    let needsVisit: Bool
    /// Whether the request was collected while the leader is parked, and whether nobody is on the way yet who sends it.
    var isCollected = false
    var needsFlush = false
  }

  private func perform(_ step: Step, _ continuation: UnsafeContinuation<Void, Never>) {
    if step.isCollected {
      loop.visitSoon(self)
      if step.needsFlush { planFlush() }
    } else if step.needsVisit {
      loop.visit(self)
    }
    if !step.isOpen { continuation.resume() }
  }

  private func open(
    _ call: ClientCall, _ packer: inout MessagePackPacker, _ continuation: UnsafeContinuation<Void, Never>,
    _ state: inout State
  ) -> Step {
    guard let socket = socket(for: call, state) else { return Step(isOpen: false, needsVisit: false) }
    let due = packer.withUnsafeMutableBytes { enter(call, $0, &state) }
    transmit(packer, on: socket, &state, for: call)
    return wait(for: call, until: due, continuation, socket, &state)
  }

  private func open(
    _ call: ClientCall, _ event: EventBuffer, _ continuation: UnsafeContinuation<Void, Never>, _ state: inout State
  ) -> Step {
    guard let socket = socket(for: call, state) else { return Step(isOpen: false, needsVisit: false) }
    let due = event.withUnsafeMutableBytes { enter(call, $0, &state) }
    transmit(event, on: socket, &state, for: call)
    return wait(for: call, until: due, continuation, socket, &state)
  }

  /// What a call is sent by; nil when it must not be sent any more, and has ended.
  private func socket(for call: ClientCall, _ state: borrowing State) -> SocketHandle? {
    if let socket = state.socket, !call.isCancelled { return socket }
    call.ending = call.isCancelled ? .cancelled : .closed
    return nil
  }

  /// Arranges for the continuation to be resumed, once the request was sent or kept.
  private func wait(
    for call: ClientCall, until due: UInt64, _ continuation: UnsafeContinuation<Void, Never>, _ socket: SocketHandle,
    _ state: inout State
  ) -> Step {
    var needsVisit = mustVisit(socket, state)
    var isCollected = false
    var needsFlush = false
    if socket.isServedByLoop, !state.cork.isEmpty, loop.leaderIsParked {
      needsVisit = false
      isCollected = true
      needsFlush = !state.flushIsPlanned
      state.flushIsPlanned = true
    }
    if call.ending != nil {
      return Step(isOpen: false, needsVisit: needsVisit, isCollected: isCollected, needsFlush: needsFlush)
    }
    call.continuation = continuation
    state.waiters += 1
    loop.schedule(self, at: due)
    return Step(isOpen: true, needsVisit: needsVisit, isCollected: isCollected, needsFlush: needsFlush)
  }

  /// Enters a call into the table, and its ids into the packed request. Returns when its timer is due.
  private func enter(_ call: ClientCall, _ bytes: UnsafeMutableRawBufferPointer, _ state: inout State) -> UInt64 {
    let key = state.calls.insert { key, generation in
      (call.key, call.generation) = (key, generation)
      return call
    }
    let offset = EventWriter.idOffset(in: bytes)
    if let base = bytes.baseAddress, bytes.count >= offset + 32 {
      if call.isOneWay {
        state.ids.writeOneWay(to: base + offset)
      } else {
        state.ids.write(UInt32(key), call.generation, to: base + offset)
      }
      tracer?.log(.sent, UnsafeRawBufferPointer(bytes))
    }
    let due = call.machine.nextDue
    state.timers.set(key, due: due)
    return due
  }

  // MARK: Through the leader

  /// Leaves a request to the leader; false when the connection is closed.
  private func submit(
    _ call: ClientCall, _ packer: borrowing MessagePackPacker, _ continuation: UnsafeContinuation<Void, Never>
  ) -> Bool {
    inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      inbox.requests.append(packer, to: Submission(call: call, continuation: continuation))
      return true
    }
  }

  private func submit(
    _ call: ClientCall, _ event: EventBuffer, _ continuation: UnsafeContinuation<Void, Never>
  ) -> Bool {
    inbox.withLock { inbox in
      guard !inbox.isClosed else { return false }
      inbox.largeRequests.append(
        LargeSubmission(submission: Submission(call: call, continuation: continuation), event: event))
      return true
    }
  }

  /// Opens the channels that callers have left to the leader; false when there are none.
  @discardableResult
  func openSubmitted(
    _ state: inout State, _ socket: SocketHandle, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) -> Bool {
    var large: [LargeSubmission] = []
    let isEmpty = inbox.withLock { inbox in
      guard inbox.count > 0 else { return true }
      swap(&inbox.requests, &state.submitted)
      swap(&inbox.largeRequests, &large)
      return false
    }
    if isEmpty { return false }
    // What was collected before goes first.
    flushCork(&state, socket)
    var submitted = Cork<Submission>()
    swap(&submitted, &state.submitted)
    submitted.drain { submission, bytes in
      let call = submission.call
      guard !call.isCancelled else {
        call.ending = .cancelled
        wake.append(submission.continuation)
        return
      }
      _ = enter(call, bytes, &state)
      call.continuation = submission.continuation
      state.waiters += 1
      let event = UnsafeRawBufferPointer(bytes)
      if state.outbox.isEmpty {
        let first = socket.send(ClientConnection.empty, more: true)
        if first == .done, socket.send(event, more: false) == .done { return }
      }
      keep(EventBuffer(copying: event), of: call, &state, isRequest: true)
    }
    swap(&submitted, &state.submitted)
    for request in large { openSubmitted(request, &state, socket, &wake) }
    return true
  }

  private func openSubmitted(
    _ request: LargeSubmission, _ state: inout State, _ socket: SocketHandle,
    _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    let call = request.submission.call
    if call.isCancelled {
      call.ending = .cancelled
    } else {
      _ = request.event.withUnsafeMutableBytes { enter(call, $0, &state) }
      transmit(request.event, on: socket, &state, for: call)
    }
    guard call.ending == nil else { return wake.append(request.submission.continuation) }
    call.continuation = request.submission.continuation
    state.waiters += 1
  }

  /// Ends what nobody will open any more. The connection's lock is held.
  func closeInbox(_ wake: inout [UnsafeContinuation<Void, Never>]) {
    var requests = Cork<Submission>()
    var largeRequests: [LargeSubmission] = []
    inbox.withLock { inbox in
      inbox.isClosed = true
      swap(&inbox.requests, &requests)
      swap(&inbox.largeRequests, &largeRequests)
    }
    var submissions = largeRequests.map(\.submission)
    requests.drain { submission, _ in submissions.append(submission) }
    for submission in submissions {
      submission.call.ending = submission.call.isCancelled ? .cancelled : .closed
      wake.append(submission.continuation)
    }
  }
}
