package import Logging
internal import Synchronization
package import ZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Keeps the connections that a bound socket accepts within what the process has descriptors for.
///
/// libzmq accepts until the process has no descriptor left. Then it tries again without a pause, and whatever else needs a
/// descriptor fails: files, and on Linux even Swift's own thread pool, which ends the process when it cannot read a file of
/// its own in `/proc`. So connections above a limit are closed as soon as they come; a peer tries again until there is room.
package final class ConnectionLimit: Sendable {
  /// What is left to everything else, at least, in descriptors.
  private static let reserve = 48

  private let limit: Int
  private let warnings: WarningLimiter
  private let connections = Mutex<Set<Int32>>([])

  /// - Parameter limit: nil leaves a quarter of the process's descriptors, and 48 at least, to everything else.
  package init(_ limit: Int?, logger: Logger) {
    self.limit = max(1, limit ?? ConnectionLimit.standard)
    warnings = WarningLimiter(logger)
  }

  /// The connections at the moment.
  package var count: Int { connections.withLock { $0.count } }

  /// Starts watching a socket. Its owner calls it before it binds.
  package func follow(_ socket: SocketHandle, in context: ZMQContext) throws(ZMQError) {
    // A network in memory needs no descriptors.
    guard !socket.isSimulated else { return }
    try socket.monitor(in: context, reporting: [.accepted, .disconnected, .acceptFailed]) { self.note($0) }
  }

  private func note(_ event: ZMQMonitorEvent) {
    if event.kind == .acceptFailed {
      return warnings.log(
        "a connection could not be accepted",
        ["endpoint": "\(event.endpoint)", "reason": "\(event.error?.description ?? "unknown")"])
    }
    guard let descriptor = event.descriptor else { return }
    let isTooMany = connections.withLock { connections in
      if event.kind == .disconnected {
        connections.remove(descriptor)
        return false
      }
      connections.insert(descriptor)
      return connections.count > limit
    }
    // It is counted until libzmq reports its end.
    guard isTooMany, ConnectionLimit.isConnection(descriptor, of: event.endpoint) else { return }
    _ = shutdown(descriptor, ConnectionLimit.bothWays)
    warnings.log(
      "a connection was closed: there are as many as may be",
      ["endpoint": "\(event.endpoint)", "limit": "\(limit) connections"])
  }

  #if canImport(Glibc)
    private static let bothWays = Int32(SHUT_RDWR)
  #else
    private static let bothWays = SHUT_RDWR
  #endif

  private static var standard: Int {
    var limits = rlimit()
    #if canImport(Glibc)
      let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let resource = RLIMIT_NOFILE
    #endif
    guard getrlimit(resource, &limits) == 0 else { return .max }
    let descriptors = Int(clamping: limits.rlim_cur)
    return descriptors - max(reserve, descriptors / 4)
  }

  /// Whether a descriptor is that of a connection to one of our endpoints still, and not of something that was opened since.
  private static func isConnection(_ descriptor: Int32, of endpoint: String) -> Bool {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        guard getsockname(descriptor, name, &size) == 0 else { return false }
        // The port of IPv4 and of IPv6 stands at the same place.
        let port = UnsafeRawPointer(name).loadUnaligned(fromByteOffset: 2, as: UInt16.self).bigEndian
        switch Int32(name.pointee.sa_family) {
        case AF_INET, AF_INET6: return endpoint.hasSuffix(":\(port)")
        case AF_UNIX: return endpoint.hasPrefix("ipc:")
        default: return false
        }
      }
    }
  }
}
