import Dispatch
import MessagePack

@testable import ZeroMQ
@testable import ZeroRPC
@testable import ZeroRPCBroker

/// A whole broker, and a client and a worker that send it the inputs.
private final class Stand: @unchecked Sendable {  // libFuzzer uses it from one thread
  let broker: RPCBroker
  let client: SocketHandle
  let worker: SocketHandle
  var frame = Frame()
  var executions = 0

  init() throws {
    worker = try ZMQContext.shared.open(.router)
    _ = try worker.bind("inproc://fuzz-worker")
    var configuration = RPCBrokerConfiguration()
    configuration.queueLimit = 64
    configuration.channelLimit = 1_024
    configuration.backlogLimit = 64
    configuration.silence = .milliseconds(300)
    configuration.silenceWithoutHeartbeats = .milliseconds(500)
    configuration.probeInterval = nil
    broker = try RPCBroker(configuration: configuration)
    try broker.connectBackend("inproc://fuzz-worker")
    let ready = DispatchSemaphore(value: 0)
    Task.detached { [broker] in
      _ = try? await broker.bindFrontend("inproc://fuzz-frontend")
      ready.signal()
      try? await broker.run()
    }
    ready.wait()
    client = try ZMQContext.shared.open(.dealer)
    try client.connect("inproc://fuzz-frontend")
  }

  /// The first byte says who sends the rest, in how many frames; each but the last takes its length from a byte.
  func take(_ bytes: UnsafeRawBufferPointer) {
    guard let mode = bytes.first else { return }
    var rest = bytes.dropFirst()
    var frames: [UnsafeRawBufferPointer] = []
    for _ in 0..<(mode >> 1 & 7) {
      guard let count = rest.popFirst() else { break }
      frames.append(UnsafeRawBufferPointer(rebasing: rest.prefix(Int(count))))
      rest = rest.dropFirst(Int(count))
    }
    frames.append(UnsafeRawBufferPointer(rebasing: rest))
    if mode & 1 == 0 {
      send(frames, on: client)
    } else {
      // To the broker as a ROUTER addresses it: by the routing id that it has shown.
      pump()
      guard !route.isEmpty else { return }
      route.withUnsafeBytes { id in send([id] + frames, on: worker) }
    }
    executions += 1
    if executions % 64 == 0 { check() }
  }

  private var route: [UInt8] = []
  private var hasAnswered = false

  private func send(_ frames: [UnsafeRawBufferPointer], on socket: SocketHandle) {
    for (index, frame) in frames.enumerated() {
      while true {
        let outcome = socket.send(frame, more: index < frames.count - 1)
        if outcome == .done { break }
        guard index == 0, outcome == .wouldBlock else { return }
        pump()
      }
    }
  }

  /// Receives for client and worker. The worker answers the calls of the check.
  private func pump() {
    while frame.receive(from: client) == .done {
      while frame.hasMore { guard frame.receive(from: client) == .done else { return } }
      let isAnswer = frame.withUnsafeBytes { bytes in
        guard let layout = try? EventReader.read(bytes), let channel = layout.responseTo else { return false }
        return bytes[channel].suffix(wanted.count).elementsEqual(wanted)
          && bytes[layout.name].suffix(2).elementsEqual("OK".utf8)
      }
      if isAnswer { hasAnswered = true }
    }
    while frame.receive(from: worker) == .done {
      var envelope: [[UInt8]] = []
      envelope.append(frame.withUnsafeBytes { Array($0) })
      route = envelope[0]
      while frame.hasMore {
        guard frame.receive(from: worker) == .done else { return }
        envelope.append(frame.withUnsafeBytes { Array($0) })
      }
      guard let payload = envelope.popLast() else { continue }
      let channel: InlineBytes? = payload.withUnsafeBytes { bytes in
        guard let layout = try? EventReader.read(bytes), bytes[layout.name].suffix(5).elementsEqual("check".utf8) else {
          return nil
        }
        return InlineBytes(UnsafeRawBufferPointer(rebasing: bytes[layout.messageID]))
      }
      guard let channel else { continue }
      var packer = MessagePackPacker()
      EventWriter.reply("OK", to: channel, into: &packer)
      packer.packArrayHeader(1)
      packer.packInteger(Int64(3))
      envelope.append(packer.withUnsafeBytes { Array($0) })
      for (index, part) in envelope.enumerated() {
        _ = part.withUnsafeBytes { worker.send($0, more: index < envelope.count - 1) }
      }
    }
  }

  private var wanted: [UInt8] { Array("check \(executions)".utf8) }

  /// A call that is made now must reach the worker, and its answer the client. While the broker is full of what the inputs
  /// opened it is refused, until silence has ended that.
  private func check() {
    hasAnswered = false
    let end = DispatchTime.now() + .seconds(4)
    var nextCall = DispatchTime.now()
    while !hasAnswered {
      guard DispatchTime.now() < end else { fatalError("the broker passes nothing on any more: \(broker.statistics)") }
      if DispatchTime.now() >= nextCall {
        nextCall = .now() + .milliseconds(50)
        var packer = MessagePackPacker()
        packer.packArrayHeader(3)
        packer.packMapHeader(2)
        packer.packString("message_id")
        packer.packString("check \(executions)")
        packer.packString("v")
        packer.packInteger(Int64(3))
        packer.packString("check")
        packer.packArrayHeader(0)
        packer.withUnsafeBytes { payload in send([UnsafeRawBufferPointer(start: nil, count: 0), payload], on: client) }
      }
      pump()
    }
  }
}

private let stand = Result { try Stand() }

/// A whole broker over sockets: every input is one message of a client or of a worker, and calls of others pass.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard case .success(let stand) = stand else { preconditionFailure("there is no broker") }
  stand.take(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
