internal import Synchronization

extension ZMQSocket {
  /// Reports from now on what happens to the socket's endpoints and connections.
  ///
  /// ```swift
  /// let socket = try ZMQSocket(.push)
  /// let events = try socket.monitor()
  /// try socket.bind("tcp://*:5557")
  /// var workers = 0
  /// for await event in events where event.kind == .handshakeSucceeded {
  ///   workers += 1
  ///   if workers == 10 { break }  // everybody is there: send
  /// }
  /// ```
  ///
  /// Call it before binding or connecting to see everything. Each call makes a sequence of its own, for one task. It ends
  /// after `monitorStopped`, which comes once the socket is closed and what it had to send has left or its linger is over.
  ///
  /// - Parameter limit: how many events are kept for a reader that falls behind; of more, the oldest are dropped.
  /// - Throws: ``ZMQError`` with `notASocket` when the socket is closed, or `tooManySockets`.
  public func monitor(keeping limit: Int = 10_000) throws(ZMQError) -> ZMQMonitorEvents {
    let events = monitors.subscribe(limit)
    let hub = monitors
    do throws(ZMQError) {
      try core.withHandle { handle throws(ZMQError) in
        guard hub.start() else { return }
        do throws(ZMQError) {
          _ = try SocketMonitor(handle, in: core.context) { hub.deliver($0) }
        } catch {
          hub.failed()
          throw error
        }
      }
    } catch {
      hub.unsubscribe(events)
      throw error
    }
    return events
  }
}

/// Yields the events of a socket's monitor as they happen. For one task.
public struct ZMQMonitorEvents: AsyncSequence, Sendable {
  let stream: AsyncStream<ZMQMonitorEvent>
  let number: Int

  /// Yields the next event.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var base: AsyncStream<ZMQMonitorEvent>.Iterator

    /// The next event; nil after the last one, or when the task is cancelled.
    public mutating func next() async -> ZMQMonitorEvent? { await base.next(isolation: #isolation) }
  }

  /// Makes the iterator.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: stream.makeAsyncIterator()) }
}

/// Hands the events of one monitor to everybody who asked for them.
final class MonitorHub: Sendable {
  private struct State: Sendable {
    var readers: [Int: AsyncStream<ZMQMonitorEvent>.Continuation] = [:]
    var next = 0
    var isRunning = false
  }

  private let state = Mutex(State())

  func subscribe(_ limit: Int) -> ZMQMonitorEvents {
    let (stream, continuation) = AsyncStream.makeStream(
      of: ZMQMonitorEvent.self, bufferingPolicy: .bufferingNewest(Swift.max(1, limit)))
    let number = state.withLock { state in
      state.next += 1
      state.readers[state.next] = continuation
      return state.next
    }
    continuation.onTermination = { [weak self] _ in self?.remove(number) }
    return ZMQMonitorEvents(stream: stream, number: number)
  }

  func unsubscribe(_ events: ZMQMonitorEvents) { remove(events.number)?.finish() }

  @discardableResult
  private func remove(_ number: Int) -> AsyncStream<ZMQMonitorEvent>.Continuation? {
    state.withLock { $0.readers.removeValue(forKey: number) }
  }

  /// Whether the caller has to start the monitor.
  func start() -> Bool {
    state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
  }

  func failed() { state.withLock { $0.isRunning = false } }

  func deliver(_ event: ZMQMonitorEvent) {
    let readers = state.withLock { Array($0.readers.values) }
    for reader in readers {
      reader.yield(event)
      if event.kind == .monitorStopped { reader.finish() }
    }
  }
}
