import Dispatch
import MessagePack

@testable import ZeroMQ
@testable import ZeroRPC

/// Adds numbers, so that there is something to call.
private struct Adder: RPCService {
  var zeroRPCGenerated: RPCServiceDefinition {
    RPCServiceDefinition(
      name: "Adder",
      methods: [
        RPCMethodDefinition("add") { call in
          let sum = try call.arguments(count: 2) { (try $0.decode(0, as: Int.self), try $0.decode(1, as: Int.self)) }
          try call.reply { $0.packInteger(Int64(sum.0 &+ sum.1)) }
        },
        RPCMethodDefinition("count", isStream: true) { call in
          let limit = try call.arguments(count: 1) { try $0.decode(0, as: Int.self) }
          try await call.reply(streaming: RPCStream(contentsOf: 0..<max(0, min(limit, 1_000)))) { try $0.pack($1) }
        },
      ])
  }
}

/// A whole server, and a peer that sends it the inputs.
private final class Stand: @unchecked Sendable {  // libFuzzer uses it from one thread
  let server: RPCServer
  let peer: SocketHandle
  var frame = Frame()
  var executions = 0

  init() throws {
    var configuration = RPCServerConfiguration()
    configuration.heartbeat = .milliseconds(50)
    configuration.limits.handlers = 64
    configuration.limits.queuedCalls = 64
    server = RPCServer(services: [Adder()], configuration: configuration)
    let ready = DispatchSemaphore(value: 0)
    Task.detached { [server] in
      _ = try? await server.bind("inproc://fuzz")
      ready.signal()
      try? await server.run()
    }
    ready.wait()
    peer = try ZMQContext.shared.open(.dealer)
    try peer.connect("inproc://fuzz")
  }

  /// Sends a message, and now and then asks whether the server still answers.
  func take(_ bytes: UnsafeRawBufferPointer) {
    send([], bytes)
    executions += 1
    if executions % 64 == 0 { ping() }
  }

  private func send(_ delimiter: [UInt8], _ bytes: UnsafeRawBufferPointer) {
    while delimiter.withUnsafeBytes({ peer.send($0, more: true) }) != .done { drain() }
    while peer.send(bytes, more: false) != .done { drain() }
  }

  @discardableResult
  private func drain() -> Int {
    var count = 0
    while frame.receive(from: peer) == .done { count += 1 }
    return count
  }

  private func ping() {
    drain()
    let id = "ping \(executions)"
    var packer = MessagePackPacker()
    packer.packArrayHeader(3)
    packer.packMapHeader(2)
    packer.packString("message_id")
    packer.packString(id)
    packer.packString("v")
    packer.packInteger(Int64(3))
    packer.packString("add")
    packer.packArrayHeader(2)
    packer.packInteger(Int64(1))
    packer.packInteger(Int64(2))
    packer.withUnsafeBytes { send([], $0) }
    let wanted = Array(id.utf8)
    let end = DispatchTime.now() + .seconds(4)
    while DispatchTime.now() < end {
      while frame.receive(from: peer) == .done {
        let isAnswer = frame.withUnsafeBytes { bytes in
          guard let layout = try? EventReader.read(bytes), let channel = layout.responseTo else { return false }
          return bytes[channel].suffix(wanted.count).elementsEqual(wanted)
        }
        if isAnswer { return }
      }
    }
    preconditionFailure("the server does not answer any more")
  }
}

private let stand = Result { try Stand() }

/// A whole server over a socket: every input is one message, and calls of others are answered all the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard case .success(let stand) = stand else { preconditionFailure("there is no server") }
  stand.take(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
