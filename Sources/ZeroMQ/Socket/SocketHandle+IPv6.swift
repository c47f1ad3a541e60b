internal import CZeroMQ

extension SocketHandle {
  /// Allows IPv6 where the endpoint asks for it. Off by default in libzmq, and with it on a v4-only host could not bind to
  /// `*`.
  package func allowIPv6(for endpoint: String) throws(ZMQError) {
    if endpoint.hasPrefix("tcp://[") { try set(ZMQ_IPV6, 1, named: "ipv6") }
  }
}
