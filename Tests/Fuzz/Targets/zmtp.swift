import Glibc

@testable import ZeroMQ

/// A ROUTER that the event loop would serve, and connections by which it gets the inputs as bytes of a stream.
private final class Stand: @unchecked Sendable {  // libFuzzer uses it from one thread
  private let router: SocketHandle
  private let name = "zrpc-fuzz-zmtp-\(getpid())"
  private var frame = Frame()
  private var executions = 0

  init() throws {
    let context = ZMQContext.shared
    let socket = try context.openServedByLoop(
      .router, sendHighWaterMark: 10, linger: .zero, reconnectInterval: .milliseconds(1), maximumMessageSize: 1 << 20
    ) { () throws(ZMQError) in try context.open(.router) }
    guard let socket else { throw ZMQError(code: .notSupported, message: "no such socket") }
    router = socket
    _ = try router.bind("ipc://@\(name)")
  }

  /// Connects, sends the input behind a handshake or in its place, in pieces or at once, and answers what arrives.
  func take(_ bytes: UnsafeRawBufferPointer) {
    guard let mode = bytes.first else { return }
    let peer = connect()
    if mode & 1 == 0 { write(ZMTPWire.signature + ZMTPWire.greeting + ZMTPWire.ready(.dealer), to: peer) }
    let input = Array(bytes.dropFirst())
    let piece = mode & 2 == 0 ? max(1, input.count) : Int(mode >> 2) + 1
    var position = 0
    while position < input.count {
      let end = min(input.count, position + piece)
      write(Array(input[position..<end]), to: peer)
      serve()
      position = end
    }
    if mode & 128 != 0 { shutdown(peer, Int32(SHUT_WR)) }
    serve()
    close(peer)
    serve()
    executions += 1
    if executions % 64 == 0 { ping() }
  }

  /// Receives all that has come, and sends it back.
  @discardableResult
  private func serve() -> Int {
    var messages = 0
    for _ in 0..<8 {
      while frame.receive(from: router) == .done {
        var parts: [[UInt8]] = [frame.withUnsafeBytes { Array($0) }]
        while frame.hasMore(from: router) {
          precondition(frame.receive(from: router) == .done, "a message comes all or not at all")
          parts.append(frame.withUnsafeBytes { Array($0) })
        }
        precondition(parts.count > 1 && !parts[0].isEmpty, "the routing id comes first")
        for (index, part) in parts.enumerated() {
          let outcome = part.withUnsafeBytes { router.send($0, more: index < parts.count - 1) }
          guard outcome == .done else {
            precondition(index == 0, "a message goes all or not at all")
            break
          }
        }
        messages += 1
      }
    }
    return messages
  }

  /// Somebody else still gets an answer.
  private func ping() {
    let peer = connect()
    defer { close(peer) }
    write(ZMTPWire.signature + ZMTPWire.greeting + ZMTPWire.ready(.dealer) + [1, 0, 0, 2, 42, 43], to: peer)
    var received: [UInt8] = []
    for _ in 0..<1_000 {
      serve()
      var bytes = [UInt8](repeating: 0, count: 4_096)
      let count = recv(peer, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count > 0 { received += bytes.prefix(count) }
      if received.suffix(6) == [1, 0, 0, 2, 42, 43] { return }
    }
    preconditionFailure("the socket does not answer any more")
  }

  private func connect() -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: [0] + Array(name.utf8)) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
    }
    precondition(result == 0, "the socket does not listen any more")
    return descriptor
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) {
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
  }
}

private let stand = Result { try Stand() }

/// Connections to a socket that the event loop serves: every input is what one peer says, and others are answered all the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard case .success(let stand) = stand else { preconditionFailure("there is no socket") }
  stand.take(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
