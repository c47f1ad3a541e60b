internal import Logging
internal import MessagePack
internal import Synchronization
internal import ZeroMQ

// What comes in, what becomes due, and the end of a call.
extension ClientConnection {
  /// Receives and handles one message; false when there is none.
  func receive(
    _ state: inout State, _ socket: SocketHandle, _ now: UInt64, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) -> Bool {
    // libzmq processes its commands at each 100th frame, and ends the process ("Assertion failed: !_more") when the loss of a
    // connection is found among them in the middle of a message. Shortly before that it is made to look between messages.
    if state.frames >= ClientConnection.framesBetweenCommands - 2 {
      _ = socket.isReadable
      state.frames -= ClientConnection.framesBetweenCommands
    }
    // The payload is the last frame; what stands before it is the delimiter, which not every peer sends.
    repeat {
      guard state.frame.receive(from: socket) == .done else {
        state.frames = 0
        return false
      }
      state.frames += 1
    } while state.frame.hasMore(from: socket)
    do {
      let (layout, name, target) = try state.frame.withUnsafeBytes { bytes throws(MalformedEvent) in
        let layout = try EventReader.read(bytes)
        tracer?.log(.received, bytes)
        let target = layout.responseTo.flatMap { state.ids.read(UnsafeRawBufferPointer(rebasing: bytes[$0])) }
        return (layout, EventName(UnsafeRawBufferPointer(rebasing: bytes[layout.name])), target)
      }
      if let target, target.high == MessageIDGenerator.oneWayMark {
        answerOneWay(&state, name, target.low)
        return true
      }
      guard let target, state.calls.contains(Int(target.high), generation: target.low) else {
        logger.trace("event for a channel that has ended", metadata: ["endpoint": "\(endpoint)"])
        return true
      }
      deliver(&state, key: Int(target.high), name, layout, now, &wake)
    } catch {
      warnings.log("malformed event ignored", ["endpoint": "\(endpoint)", "reason": "\(error)"])
    }
    return true
  }

  /// Hears an answer that nobody waits for. A stream would wait for credit for ever, since its version 1 channel is passive;
  /// one heartbeat starts the server's watch over it, which ends it after three intervals without another.
  func answerOneWay(_ state: inout State, _ name: EventName, _ number: UInt32) {
    guard name == .stream else { return }
    sendSmall(&state, key: Int(MessageIDGenerator.oneWayMark), generation: number, .transient) {
      EventWriter.heartbeat(to: $0, into: &$1)
    }
  }

  func deliver(
    _ state: inout State, key: Int, _ name: EventName, _ layout: EventLayout, _ now: UInt64,
    _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard let call = state.calls[key] else { return }
    let effect = call.machine.receive(name, now: now)
    switch effect {
    case .ignore:
      state.timers.set(key, due: call.machine.nextDue)
    case .item:
      if !call.isStream {
        call.isStream = true
        // The deadline of the first reply is over.
        state.timers.set(key, due: call.machine.nextDue)
      }
      call.items.append(&state.frame, arguments: layout.arguments)
      resume(call, &state, &wake)
    case .endWithValue, .endWithError:
      call.reply.take(&state.frame)
      call.replyArguments = layout.arguments
      end(&state, key, effect == .endWithValue ? .value : .remoteError, &wake)
    case .endOfStream:
      call.isStream = true
      call.reply.take(&state.frame)
      end(&state, key, .endOfStream, &wake)
    case .violation(let violation):
      let event = state.frame.withUnsafeBytes { String(decoding: $0[layout.name].prefix(80), as: UTF8.self) }
      cancelRemotely(&state, key, call.generation)
      end(&state, key, .violation(violation, event: event), &wake)
    }
  }

  func tick(
    _ state: inout State, _ key: Int, _ now: UInt64, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard let call = state.calls[key] else { return }
    // Nothing is wrong with a peer that answers others, however slowly.
    let isHeldUp =
      call.isInOutbox && state.lastReceived > 0
      && now &- state.lastReceived <= 2 &* call.machine.heartbeatInterval
    switch call.machine.tick(now: now, isHeldUp: isHeldUp) {
    case .none: break
    case .sendHeartbeat:
      if !call.isInOutbox { sendHeartbeat(&state, key) }
    case .lost:
      cancelRemotely(&state, key, call.generation)
      end(&state, key, .lost(wasSent: !call.isInOutbox), &wake)
      return
    case .timedOut:
      call.expiry = call.machine.expiry
      cancelRemotely(&state, key, call.generation)
      end(&state, key, .timedOut(wasSent: !call.isInOutbox), &wake)
      return
    }
    state.timers.set(key, due: call.machine.nextDue)
  }

  /// Forgets a call; whoever waits for it is resumed after the lock is released.
  func end(
    _ state: inout State, _ key: Int, _ ending: ClientCall.Ending, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    guard let call = state.calls[key] else { return }
    call.ending = ending
    state.timers.cancel(key)
    state.calls.remove(key)
    if call.owesHeartbeat { state.owedHeartbeats -= 1 }
    if call.waitingEvents > 0 {
      state.deadInOutbox += call.waitingEvents
      // Swept in bulk, but nothing stays behind once the last live one is gone: an event can be large.
      let isMostlyDead = state.deadInOutbox > 32 && state.deadInOutbox * 2 > state.outbox.count
      if isMostlyDead || state.deadInOutbox == state.outbox.count { sweepOutbox(&state) }
    }
    resume(call, &state, &wake)
  }

  func resume(
    _ call: ClientCall, _ state: inout State, _ wake: inout [UnsafeContinuation<Void, Never>]
  ) {
    if let continuation = call.continuation {
      call.continuation = nil
      state.waiters -= 1
      wake.append(continuation)
    }
  }
}
