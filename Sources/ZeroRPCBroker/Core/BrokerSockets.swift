internal import CZeroMQ
internal import ZeroMQ
internal import ZeroRPC

extension RPCBrokerConfiguration {
  /// Names the sides of a broker that have sockets of their own.
  enum Side { case frontend, backend, control }

  private func options(of side: Side) -> RPCTransportOptions {
    switch side {
    case .frontend: frontend
    case .backend: backend
    case .control: control
    }
  }

  /// Opens a socket of one side with its options set.
  func open(_ type: ZMQSocketType, for side: Side) throws(ZMQError) -> SocketHandle {
    let socket = try context.openSocket(type, options(of: side))
    // Thousands of clients may connect again at the same time.
    do { if type == .router { try socket.set(ZMQ_BACKLOG, 4_096, named: "backlog") } } catch {
      socket.close()
      throw error
    }
    return socket
  }
}
