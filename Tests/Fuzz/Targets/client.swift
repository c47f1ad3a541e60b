import Dispatch
import MessagePack
import Synchronization

@testable import ZeroMQ
@testable import ZeroRPC

/// A whole client with calls and streams open, and the peer that answers them with the inputs.
private final class Stand: @unchecked Sendable {  // libFuzzer uses it from one thread; the callers only count
  let peer: SocketHandle
  let client: RPCClient
  /// Calls that have ended, one way or another.
  let ended = Atomic<Int>(0)
  /// Calls of the check that have got what they asked for.
  let answered = Atomic<Int>(0)
  var frame = Frame()
  var routing: [UInt8] = []
  /// The channels of the latest requests.
  var channels: [InlineBytes] = []
  var next = 0
  var executions = 0

  init() throws {
    peer = try ZMQContext.shared.open(.router)
    _ = try peer.bind("inproc://fuzz-client")
    var configuration = RPCClientConfiguration()
    configuration.heartbeat = .milliseconds(200)
    configuration.timeout = .seconds(1)
    client = RPCClient(configuration: configuration)
    let connected = DispatchSemaphore(value: 0)
    Task.detached { [client] in
      try? client.connect("inproc://fuzz-client")
      connected.signal()
    }
    connected.wait()
    for number in 0..<8 { Task.detached { [self] in await call(isStream: number % 2 == 0) } }
  }

  /// Calls for ever; every call has to end.
  private func call(isStream: Bool) async {
    while true {
      do {
        if isStream {
          for try await _ in try await client.remote.items.stream(1) {}
        } else {
          _ = try await client.remote.anything("please") as MessagePackValue
        }
      } catch {}
      ended.add(1, ordering: .relaxed)
    }
  }

  /// Sends a message: the whole input, or what stands behind the header of an answer to one of the calls.
  func take(_ bytes: UnsafeRawBufferPointer) {
    receive()
    guard let mode = bytes.first else { return }
    let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
    if mode & 1 == 0 || channels.isEmpty {
      send(rest)
    } else {
      next += 1
      send(answer(to: channels[next % channels.count], rest))
    }
    executions += 1
    if executions % 64 == 0 { check() }
  }

  private func answer(to channel: InlineBytes, _ rest: some Sequence<UInt8>) -> [UInt8] {
    var packer = MessagePackPacker()
    packer.packArrayHeader(3)
    packer.packMapHeader(3)
    packer.packString("message_id")
    packer.packString("\(executions)")
    packer.packString("v")
    packer.packInteger(Int64(3))
    packer.packString("response_to")
    let head = packer.withUnsafeBytes { Array($0) }
    return head + channel.withUnsafeBytes { Array($0) } + Array(rest)
  }

  private func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { send($0) } }

  private func send(_ bytes: UnsafeRawBufferPointer) {
    guard !routing.isEmpty else { return }
    while routing.withUnsafeBytes({ peer.send($0, more: true) }) != .done { receive() }
    _ = peer.send(UnsafeRawBufferPointer(start: nil, count: 0), more: true)
    _ = peer.send(bytes, more: false)
  }

  /// Takes what the client sends; requests are remembered, and those of the check are answered.
  private func receive() {
    while frame.receive(from: peer) == .done {
      routing = frame.withUnsafeBytes { Array($0) }
      while frame.hasMore { guard frame.receive(from: peer) == .done else { return } }
      let request: (channel: InlineBytes, isCheck: Bool)? = frame.withUnsafeBytes { bytes in
        guard let layout = try? EventReader.read(bytes), layout.responseTo == nil else { return nil }
        let name = bytes[layout.name]
        return (
          InlineBytes(UnsafeRawBufferPointer(rebasing: bytes[layout.messageID])),
          name.suffix(5).elementsEqual("check".utf8)
        )
      }
      guard let request else { continue }
      if request.isCheck {
        // "OK", [3]
        send(answer(to: request.channel, [0xA2, 0x4F, 0x4B, 0x91, 0x03]))
      } else {
        if channels.count >= 16 { channels.removeFirst() }
        channels.append(request.channel)
      }
    }
  }

  /// A new call must be answered, and every earlier one must have ended by its time-out at the latest.
  private func check() {
    let (before, wanted) = (ended.load(ordering: .relaxed), answered.load(ordering: .relaxed) + 1)
    Task.detached { [self] in
      while true {
        do {
          let value: Int = try await client.remote.check()
          if value == 3 { break }
        } catch {}
      }
      answered.add(1, ordering: .relaxed)
    }
    let start = DispatchTime.now()
    while answered.load(ordering: .relaxed) < wanted {
      receive()
      guard DispatchTime.now() < start + .seconds(4) else { fatalError("the client does not get its answers any more") }
    }
    if executions % 65_536 == 0 {
      while ended.load(ordering: .relaxed) == before {
        receive()
        guard DispatchTime.now() < start + .seconds(4) else { fatalError("no call ends any more") }
      }
      guard client.openCalls < 64 else { fatalError("\(client.openCalls) calls are left open") }
    }
  }
}

private let stand = Result { try Stand() }

/// A whole client over a socket: every input is one answer, and other calls get theirs all the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard case .success(let stand) = stand else { preconditionFailure("there is no client") }
  stand.take(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
