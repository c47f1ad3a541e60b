internal import Logging
internal import MessagePack
internal import ZeroMQ

// Running handlers, in tasks that are reused.
extension ServerConnection {
  /// Calls that one worker runs before it lets the leader look after the sockets.
  static let callsPerTurn = 64
  /// Workers that are kept for later calls.
  static let idleWorkerLimit = 256

  /// Has a worker look for calls, if some wait and none is on its way.
  func summonWorker(_ state: inout State, _ after: inout Aftermath) {
    guard state.pending.canRun, !state.isWorkerComing else { return }
    state.isWorkerComing = true
    if let worker = state.idleWorkers.popLast() {
      after.worker = worker.continuation
      worker.continuation = nil
    } else {
      after.startsWorker = true
      state.workers += 1
    }
  }

  func startWorker() {
    let worker = HandlerWorker()
    let task = Task.detached(executorPreference: loop) {
      guard self.loop.isSimulated else { return await self.work(worker) }
      await SimulatedTask.$loop.withValue(self.loop) { await self.work(worker) }
    }
    let isRetired = state.withLock { _ in
      worker.task = task
      return worker.isRetired
    }
    if isRetired { task.cancel() }
  }

  func work(_ worker: HandlerWorker) async {
    repeat {
      var count = 0
      while count < ServerConnection.callsPerTurn, let call = takeCall(worker) {
        await run(call)
        count += 1
      }
    } while await waitForCalls(worker)
    state.withLock { $0.workers -= 1 }
  }

  func takeCall(_ worker: HandlerWorker) -> RPCServerCall? {
    let call: RPCServerCall? = state.withLock { state in
      state.isWorkerComing = false
      finishCall(of: worker, &state)
      let now = state.pending.hasTurns ? loop.now() : nil
      guard !worker.isRetired, let next = state.pending.popFirst(now: now) else {
        // One that is retired leaves its place to another.
        if state.pending.canRun { loop.visit(self) }
        return nil
      }
      worker.peer = next.peer
      let call = state.calls[next.key]
      call?.worker = worker
      // If this one suspends or takes long, the leader finds the rest.
      if state.pending.canRun { loop.visit(self) }
      return call
    }
    if let instruments, call != nil { instruments.waitingCalls(-1) }
    return call
  }

  /// Says to the queue that the worker's handler has returned.
  private func finishCall(of worker: HandlerWorker, _ state: inout State) {
    guard worker.peer >= 0 else { return }
    state.pending.finish(worker.peer)
    worker.peer = -1
  }

  func waitForCalls(_ worker: HandlerWorker) async -> Bool {
    await withUnsafeContinuation { continuation in
      let isKept = state.withLock { state in
        finishCall(of: worker, &state)
        if state.pending.canRun { loop.visit(self) }
        guard !worker.isRetired, state.socket != nil, state.idleWorkers.count < ServerConnection.idleWorkerLimit else {
          return false
        }
        worker.continuation = continuation
        state.idleWorkers.append(worker)
        return true
      }
      if !isKept { continuation.resume(returning: false) }
    }
  }

  func run(_ call: RPCServerCall) async {
    guard let method = call.definition else { return }
    guard let instruments else {
      _ = await answer(call, method)
      return
    }
    await instruments.handlers.report(call) { await answer(call, method) }
  }

  /// Runs a handler and answers; returns the error that it answered with.
  // Inlined, because every layer of async functions costs a look at the executor on the way back.
  @inline(__always)
  private func answer(_ call: RPCServerCall, _ method: MethodTable.Method) async -> (any Error)? {
    do {
      if call.header.isPlain, !hasMiddleware, call.user == nil {
        try await method.definition.handler(call)
      } else {
        try await call.run(method.definition.handler, through: middleware)
      }
      if !call.hasReplied { try call.reply() }
      return nil
    } catch let error as RPCArgumentError {
      if error.isMalformed { warnings.log("malformed arguments", ["reason": "\(error.message)"]) }
      await call.reply(RemoteError(name: "TypeError", message: error.message))
      return error
    } catch let error as RemoteError {
      await call.reply(error)
      return error
    } catch {
      await call.reply(error, declared: middleware.errorTypes)
      return error
    }
  }
}
