internal import MessagePack
internal import ZeroMQ
internal import ZeroRPC

// What the broker says itself.
extension BrokerCore {
  /// The name of the remote error that a call ends with when too much waits or is open.
  static let overloaded = "BrokerOverloaded"

  /// Sends an event of the broker's own to the client whose envelope stands in the buffer. One that cannot be sent is dropped.
  func reply(
    _ state: inout State, behind envelope: Range<Int>, _ write: (inout MessagePackPacker) -> Void
  ) {
    guard let frontend = state.frontend else { return }
    let event = pack(&state, write)
    guard state.buffer.sendEnvelope(envelope, on: frontend) else { return }
    state.isFrontendTouched = true
    _ = frontend.send(UnsafeRawBufferPointer(start: nil, count: 0), more: true)
    _ = event.withUnsafeBytes { frontend.send($0, more: false) }
    state.traffic.toClients.note(event.count)
  }

  /// Answers a call with an error, in the form of the caller's protocol version.
  func refuse(
    _ state: inout State, _ event: BrokerEvent, _ payload: UnsafeRawBufferPointer, behind envelope: Range<Int>
  ) {
    let id = InlineBytes(UnsafeRawBufferPointer(rebasing: payload[event.channel]))
    let machine = state.machine
    let text =
      "\(machine.waitingCount) calls wait for a worker and \(machine.channelCount) channels are open; try again later"
    reply(&state, behind: envelope) { packer in
      EventWriter.reply("ERR", to: id, into: &packer)
      if event.version < 2 {
        packer.packArrayHeader(1)
        packer.packString("\(BrokerCore.overloaded)('\(text)')")
      } else {
        packer.packArrayHeader(3)
        packer.packString(BrokerCore.overloaded)
        packer.packString(text)
        packer.packNil()
      }
    }
  }

  /// Calls `_zerorpc_ping` at a worker; false when it is not there any more.
  func probe(_ route: BrokerRoute, _ state: inout State, _ now: UInt64) -> Bool {
    let event = pack(&state) { packer in
      EventWriter.open("_zerorpc_ping", into: &packer)
      packer.packArrayHeader(0)
    }
    let socket = route.link.socket
    touch(route.link, &state)
    if route.probedAt == 0 { route.probedAt = now }
    let delimiter = UnsafeRawBufferPointer(start: nil, count: 0)
    let first = route.routing?.withUnsafeBytes { socket.send($0, more: true) } ?? socket.send(delimiter, more: true)
    switch first {
    case .failed: return false
    // It does not take anything, which says as much as not answering.
    case .wouldBlock: return true
    case .done: break
    }
    if route.routing != nil { _ = socket.send(delimiter, more: true) }
    _ = event.withUnsafeBytes { socket.send($0, more: false) }
    return true
  }

  private func pack(_ state: inout State, _ write: (inout MessagePackPacker) -> Void) -> [UInt8] {
    var packer = MessagePackPacker()
    write(&packer)
    packer.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count >= EventWriter.idOffset + 32 else { return }
      state.ids.writeNext(to: base + EventWriter.idOffset)
    }
    return packer.withUnsafeBytes { Array($0) }
  }
}
