internal import CZeroMQ
internal import Synchronization

extension SocketHandle {
  /// Counts monitors, so that each has an endpoint of its own.
  private static let monitors = Atomic<UInt64>(0)

  /// Has libzmq report what happens to this socket's connections on the PAIR socket that is returned; the caller owns it.
  ///
  /// - Parameter events: what to report, as flags of zmq_socket_monitor(3).
  package func openMonitor(_ events: Int32, in context: ZMQContext) throws(ZMQError) -> SocketHandle {
    let monitor = try context.open(.pair)
    let number = SocketHandle.monitors.wrappingAdd(1, ordering: .relaxed).newValue
    let endpoint = "inproc://zrpc.connection-events.\(number)"
    do throws(ZMQError) {
      // Without a limit: libzmq's I/O thread waits if there is no room, and all of its connections with it.
      try monitor.set(ZMQ_RCVHWM, 0, named: "receiveHighWaterMark")
      guard zmq_socket_monitor(raw, endpoint, events) == 0 else { throw ZMQError.last("cannot watch the connections") }
      try monitor.connect(endpoint)
    } catch {
      monitor.close()
      throw error
    }
    return monitor
  }

  /// Ends the reports of ``openMonitor(_:in:)``.
  package func stopMonitor() { _ = zmq_socket_monitor(raw, nil, 0) }
}
