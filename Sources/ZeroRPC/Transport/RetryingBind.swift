internal import ZeroMQ

/// Binds, and tries again for a moment while the address is in use: libzmq closes sockets in the background, so that one who
/// has just stopped may hold its port a little longer.
func retryingBind(in loop: EventLoop, _ bind: () throws -> String) async throws -> String {
  for _ in 0..<25 {
    do { return try bind() } catch let error as RPCError where error.code == .addressInUse {
      try await loop.sleep(for: .milliseconds(10))
    }
  }
  return try bind()
}
