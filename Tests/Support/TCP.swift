#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Is a plain TCP connection to an endpoint, for what does not speak ZeroMQ. It closes when it is let go.
package final class TCPClient: Sendable {
  private let descriptor: Int32

  /// Connects to `tcp://127.0.0.1:PORT`.
  package init(_ endpoint: String) throws {
    guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw NeverHappened("'\(endpoint)' has no port")
    }
    descriptor = streamSocket()
    var address = loopback(port)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard result == 0 else {
      close(descriptor)
      throw NeverHappened("cannot connect to \(endpoint): \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// Sends bytes. What the other end does not want any more is no error.
  package func write(_ bytes: [UInt8]) throws {
    #if canImport(Darwin)
      _ = send(descriptor, bytes, bytes.count, 0)
    #else
      _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    #endif
  }
}

/// Is a TCP server that accepts connections, by the system, and never says a word.
package final class TCPListener: Sendable {
  private let descriptor: Int32
  package let port: UInt16

  package init() throws {
    descriptor = streamSocket()
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) | listen(descriptor, 100) | getsockname(descriptor, pointer, &size)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard result == 0 else { throw NeverHappened("cannot listen: \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }
}

private func streamSocket() -> Int32 {
  #if canImport(Glibc)
    socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #else
    socket(AF_INET, SOCK_STREAM, 0)
  #endif
}

private func loopback(_ port: UInt16) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  return address
}
