internal import CZeroMQ
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Receives the events of one socket on the event loop, by the PAIR socket that libzmq reports them on.
///
/// It lives, held by the loop, until libzmq reports that the monitored socket is gone: closing the PAIR before that would
/// leave libzmq's I/O thread waiting for somebody to take its next event.
package final class SocketMonitor: EventSource {
  /// Is called for each event, in order, by the event loop's leader and without any lock held. It must not block.
  package typealias Handler = @Sendable (ZMQMonitorEvent) -> Void

  private struct State: ~Copyable {
    var pair: SocketHandle?
    var frame = Frame()
  }

  private static let counter = Atomic<UInt64>(0)
  /// Events taken in one turn, before other sources get theirs.
  private static let budget = 64

  package let registration: EventRegistration
  private let context: ZMQContext
  private let handler: Handler
  private let state: Guarded<State>

  /// Starts monitoring a socket. The socket's owner calls it, for libzmq uses the socket meanwhile; a socket has one
  /// monitor at most, and a second one stops the first.
  ///
  /// - Parameter kinds: what to report; `monitorStopped` always is.
  package init(
    _ socket: SocketHandle, in context: ZMQContext, reporting kinds: [ZMQMonitorEvent.Kind]? = nil,
    _ handler: @escaping Handler
  ) throws(ZMQError) {
    let number = SocketMonitor.counter.add(1, ordering: .relaxed).newValue
    let address = "inproc://zmq-monitor-\(getpid())-\(number)"
    let mask = (kinds ?? ZMQMonitorEvent.Kind.known).reduce(ZMQ_EVENT_MONITOR_STOPPED) { $0 | $1.number }
    guard !socket.isSimulated else {
      throw ZMQError(code: .notSupported, message: "a socket of a test network cannot be monitored")
    }
    let pair = try context.open(.pair)
    do throws(ZMQError) {
      // Without a limit: libzmq's I/O thread waits if there is no room, and all of its connections with it.
      try pair.set(ZMQ_RCVHWM, 0, named: "receiveHighWaterMark")
      try pair.set(ZMQ_LINGER, 0, named: "linger")
      guard zmq_socket_monitor(socket.raw, address, mask) == 0 else { throw ZMQError.last("cannot monitor the socket") }
      do throws(ZMQError) {
        try pair.connect(address)
      } catch {
        _ = zmq_socket_monitor(socket.raw, nil, 0)
        throw error
      }
    } catch {
      pair.close()
      throw error
    }
    self.context = context
    self.handler = handler
    registration = EventRegistration(descriptor: pair.descriptor)
    var state = State()
    state.pair = pair
    self.state = Guarded(state)
    context.eventLoop.register(self)
  }

  package func service(now: UInt64) -> Bool {
    var events: [ZMQMonitorEvent] = []
    let hasMore = state.withLock { state in
      guard let pair = state.pair else { return false }
      while events.count < SocketMonitor.budget {
        guard state.frame.receive(from: pair) == .done else { break }
        let (number, value) = state.frame.withUnsafeBytes { bytes in
          bytes.count < 6
            ? (0, 0)
            : (
              Int32(bytes.loadUnaligned(fromByteOffset: 0, as: UInt16.self)),
              bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
            )
        }
        var endpoint = ""
        while state.frame.hasMore, state.frame.receive(from: pair) == .done {
          endpoint = state.frame.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        if let event = ZMQMonitorEvent(number: number, value: value, endpoint: endpoint) { events.append(event) }
        if number == ZMQ_EVENT_MONITOR_STOPPED {
          shut(&state)
          return false
        }
      }
      return pair.isReadable
    }
    for event in events { handler(event) }
    return hasMore
  }

  /// Closes the PAIR. Only for when the process exits, or the monitored socket is gone.
  package func close() { state.withLock { shut(&$0) } }

  private func shut(_ state: inout State) {
    guard let pair = state.pair else { return }
    state.pair = nil
    state.frame.clear()
    context.eventLoop.unregister(self)
    pair.close()
  }
}
