internal import Foundation
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Passes TCP connections on to a server, and fails them as networks do.
final class Relay: Sendable {
  /// What happens to bytes.
  enum Mode: Sendable {
    case passing
    /// Nothing gets through, and no connection is closed: what a pulled cable looks like.
    case silent
    /// New connections are closed at once.
    case refusing
  }

  private struct State: Sendable {
    var mode = Mode.passing
    var connections: [Int: (Int32, Int32)] = [:]
    var next = 0
    var isClosed = false
  }

  let port: UInt16
  private let listener: Int32
  private let target: UInt16
  private let state = Mutex(State())

  var endpoint: String { "tcp://127.0.0.1:\(port)" }

  init(to target: UInt16) throws {
    self.target = target
    (listener, port) = try TCP.listen()
    let threads = self
    Thread.detachNewThread { threads.accept() }
  }

  var mode: Mode {
    get { state.withLock { $0.mode } }
    set { state.withLock { $0.mode = newValue } }
  }

  /// Closes all connections.
  func cut() {
    let connections = state.withLock { $0.connections.values.map { $0 } }
    for (one, other) in connections {
      shutdown(one, Int32(SHUT_RDWR))
      shutdown(other, Int32(SHUT_RDWR))
    }
  }

  func close() {
    state.withLock { $0.isClosed = true }
    cut()
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func accept() {
    while true {
      let client = TCP.accept(listener)
      if state.withLock({ $0.isClosed }) {
        if client >= 0 { TCP.close(client) }
        TCP.close(listener)
        return
      }
      guard client >= 0 else {
        usleep(10_000)
        continue
      }
      let server = mode == .refusing ? -1 : TCP.connect(target)
      guard server >= 0 else {
        TCP.close(client)
        continue
      }
      let number = state.withLock { state in
        state.next += 1
        state.connections[state.next] = (client, server)
        return state.next
      }
      // The thread that ends last closes both.
      let open = Counter()
      for (from, to) in [(client, server), (server, client)] {
        Thread.detachNewThread {
          self.pump(from, to)
          guard open.next() == 2 else { return }
          self.state.withLock { _ = $0.connections.removeValue(forKey: number) }
          TCP.close(client)
          TCP.close(server)
        }
      }
    }
  }

  private func pump(_ from: Int32, _ to: Int32) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    defer {
      shutdown(from, Int32(SHUT_RDWR))
      shutdown(to, Int32(SHUT_RDWR))
    }
    while true {
      let count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      // What comes while it is silent is never seen again, so the connection is of no use afterwards.
      if mode == .silent { continue }
      var sent = 0
      while sent < count {
        let result = buffer[sent..<count].withUnsafeBytes {
          send(to, $0.baseAddress, $0.count, TCP.noSignal)
        }
        guard result > 0 else { return }
        sent += result
      }
    }
  }
}

private final class Counter: Sendable {
  private let value = Atomic<Int>(0)
  func next() -> Int { value.add(1, ordering: .acquiringAndReleasing).newValue }
}

/// Wraps what is needed of the system's sockets.
enum TCP {
  #if canImport(Glibc)
    static let noSignal = Int32(MSG_NOSIGNAL)
  #else
    static let noSignal: Int32 = 0
  #endif

  static func stream() -> Int32 {
    #if canImport(Glibc)
      socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      socket(AF_INET, SOCK_STREAM, 0)
    #endif
  }

  static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  static func connect(_ port: UInt16) -> Int32 {
    let descriptor = stream()
    guard descriptor >= 0 else { return -1 }
    var address = loopback(port)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        systemConnect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if result == 0 { return descriptor }
    close(descriptor)
    return -1
  }

  static func accept(_ listener: Int32) -> Int32 { systemAccept(listener, nil, nil) }

  static func close(_ descriptor: Int32) { _ = systemClose(descriptor) }

  /// Listens at a port; the system chooses one for 0.
  static func listen(_ port: UInt16 = 0) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = stream()
    var address = loopback(port)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(descriptor, address, size) == 0, systemListen(descriptor, 100) == 0 else { return Int32(-1) }
        return getsockname(descriptor, address, &size)
      }
    }
    guard result == 0 else {
      close(descriptor)
      throw Trouble("cannot listen: \(String(cString: strerror(errno)))")
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  /// A port that nobody uses at the moment. It lies below those of outgoing connections, among which a socket that keeps trying
  /// to connect could be given the very port that it connects to.
  static func freePort() throws -> UInt16 {
    for _ in 0..<1_000 {
      guard let (descriptor, port) = try? listen(.random(in: 20_000..<32_768)) else { continue }
      close(descriptor)
      return port
    }
    throw Trouble("the system has no free port")
  }
}

private let systemConnect = connect
private let systemAccept = accept
private let systemClose = close
private let systemListen = listen
