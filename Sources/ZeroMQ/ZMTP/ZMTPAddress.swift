#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  /// Holds the address of a stream socket as the system takes it.
  struct ZMTPAddress: Sendable {
    /// Says where a connection goes: to an address, or to one that a name has to be resolved to.
    enum Target: Sendable {
      case address(ZMTPAddress)
      case name(String, port: UInt16)
    }

    private var storage = sockaddr_storage()
    private var length: socklen_t = 0

    /// The address to bind to; nil when it is for libzmq to understand, or to refuse.
    static func toBind(_ endpoint: String) -> ZMTPAddress? {
      if let path = endpoint.suffix(behind: "ipc://") { return path == "*" ? nil : ZMTPAddress(path: path) }
      guard let (host, port) = split(endpoint), let port = port == "*" ? 0 : UInt16(port) else { return nil }
      return ZMTPAddress(host: host == "*" ? "0.0.0.0" : host, port: port)
    }

    /// Where to connect to; nil when it is for libzmq to understand, or to refuse.
    static func toConnect(_ endpoint: String) -> Target? {
      if let path = endpoint.suffix(behind: "ipc://") { return ZMTPAddress(path: path).map { .address($0) } }
      guard let (host, port) = split(endpoint), let port = UInt16(port), port > 0 else { return nil }
      if let address = ZMTPAddress(host: host, port: port) { return .address(address) }
      let isName = host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
          true
        default: false
        }
      }
      return isName && !host.isEmpty ? .name(host, port: port) : nil
    }

    private static func split(_ endpoint: String) -> (host: String, port: String)? {
      guard let rest = endpoint.suffix(behind: "tcp://"), let colon = rest.lastIndex(of: ":") else { return nil }
      return (String(rest[..<colon]), String(rest[rest.index(after: colon)...]))
    }

    private init?(host: String, port: UInt16) {
      if host.hasPrefix("["), host.hasSuffix("]") {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address.sin6_addr) == 1 else { return nil }
        copy(&address, MemoryLayout<sockaddr_in6>.size)
      } else {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
        copy(&address, MemoryLayout<sockaddr_in>.size)
      }
    }

    /// A path, or a name in the abstract name space if it begins with `@`.
    private init?(path: String) {
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      var bytes = Array(path.utf8)
      let isAbstract = bytes.first == UInt8(ascii: "@")
      if isAbstract { bytes[0] = 0 }
      guard bytes.count > (isAbstract ? 1 : 0), bytes.count < MemoryLayout.size(ofValue: address.sun_path),
        !bytes.dropFirst().contains(0)
      else { return nil }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
      copy(&address, offset + bytes.count + (isAbstract ? 0 : 1))
    }

    /// Copies what the system has returned.
    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
      withUnsafeMutableBytes(of: &storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min($0.count, Int(length))))
      }
      self.length = length
    }

    private mutating func copy(_ address: UnsafeRawPointer, _ count: Int) {
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: count)) }
      length = socklen_t(count)
    }

    var family: Int32 { Int32(storage.ss_family) }

    var isTCP: Bool { family != AF_UNIX }

    /// Calls a function of the system with the address.
    func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
      withUnsafePointer(to: storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
      }
    }

    /// The endpoint that a TCP socket is bound to, with the port that the system chose; nil for other sockets.
    static func endpoint(of descriptor: Int32) -> String? {
      text(of: descriptor, getsockname).map { "tcp://\($0.isIPv6 ? "[\($0.host)]" : $0.host):\($0.port)" }
    }

    /// The network address at the other end of a TCP connection; nil for other sockets.
    static func peer(of descriptor: Int32) -> String? { text(of: descriptor, getpeername)?.host }

    private static func text(
      of descriptor: Int32, _ look: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (host: String, port: UInt16, isIPv6: Bool)? {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      return withUnsafeMutablePointer(to: &storage) { storage in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
          guard look(descriptor, name, &length) == 0 else { return nil }
          var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
          let raw = UnsafeRawPointer(name)
          let port = raw.loadUnaligned(fromByteOffset: 2, as: UInt16.self).bigEndian
          switch Int32(name.pointee.sa_family) {
          case AF_INET:
            guard inet_ntop(AF_INET, raw + 4, &text, socklen_t(text.count)) != nil else { return nil }
            return (string(text), port, false)
          case AF_INET6:
            guard inet_ntop(AF_INET6, raw + 8, &text, socklen_t(text.count)) != nil else { return nil }
            return (string(text), port, true)
          default: return nil
          }
        }
      }
    }

    private static func string(_ text: [CChar]) -> String {
      String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
  }

  extension String {
    /// What follows a prefix; nil when the string does not begin with it.
    func suffix(behind prefix: String) -> String? {
      hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
  }
#endif
