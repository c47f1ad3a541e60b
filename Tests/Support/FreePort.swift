#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A TCP port of this machine that was free a moment ago.
///
/// It lies below the ports that systems give to outgoing connections (32768 and up on Linux, 49152 and up elsewhere). From
/// among those, a socket that keeps trying to connect could be given the very port that it connects to.
package func freePort() throws -> Int {
  for _ in 0..<1_000 {
    let port = UInt16.random(in: 20_000..<32_768)
    if isFree(port) { return Int(port) }
  }
  throw NeverHappened("the system has no free port")
}

private func isFree(_ port: UInt16) -> Bool {
  #if canImport(Glibc)
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #else
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
  #endif
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  let size = socklen_t(MemoryLayout<sockaddr_in>.size)
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
  }
}
