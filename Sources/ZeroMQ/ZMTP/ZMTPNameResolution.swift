#if os(Linux)
  internal import CZeroMQ
  internal import Synchronization
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  /// Resolves a host name on a thread of its own, because the system's resolver waits for the network.
  final class ZMTPNameResolution: Sendable {
    /// Becomes readable when there is a result.
    let descriptor: Int32
    private let found = Mutex<ZMTPAddress?>(nil)

    /// Starts; nil when no descriptor is left.
    init?(_ name: String, port: UInt16) {
      descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
      guard descriptor >= 0 else { return nil }
      startThread(named: "zrpc-resolver") { self.resolve(name, port) }
    }

    deinit {
      if descriptor >= 0 { close(descriptor) }
    }

    /// The address; nil when the name has none.
    var address: ZMTPAddress? { found.withLock { $0 } }

    private func resolve(_ name: String, _ port: UInt16) {
      if let address = resolveName(name, port: port) { found.withLock { $0 = address } }
      var one: UInt64 = 1
      _ = write(descriptor, &one, 8)
    }
  }
#endif
