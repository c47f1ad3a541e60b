internal import Logging
internal import MessagePack
internal import ZeroMQ

// Questions about the broker: `STATISTICS` is answered as by libzmq's steerable proxy, `REPORT` by everything in MessagePack.
extension BrokerCore {
  /// Answers questions; true when the budget did not suffice.
  func pumpControl(_ state: inout State, _ control: SocketHandle, _ now: UInt64) -> Bool {
    for _ in 0..<BrokerCore.budget {
      guard state.buffer.receive(from: control) == .done else { return control.isReadable }
      answer(&state, control, now)
    }
    return true
  }

  private func answer(_ state: inout State, _ control: SocketHandle, _ now: UInt64) {
    let count = state.buffer.count
    guard count >= 2 else { return }
    let command = String(decoding: state.buffer.bytes(of: count - 1), as: UTF8.self)
    let frames: [[UInt8]]
    switch command {
    case _ where state.buffer.isTooLong: frames = [Array("ERROR: the message has too many frames".utf8)]
    case "STATISTICS":
      frames = state.traffic.numbers.map { number in withUnsafeBytes(of: number) { Array($0) } }
    case "REPORT":
      let report = statistics(&state, now)
      frames = [(try? MessagePackEncoder().encode(report)).map { Array($0) } ?? []]
    default:
      logger.debug(
        "unknown command on the control endpoint", metadata: ["bytes": "\(state.buffer.size(of: count - 1))"])
      frames = [Array("ERROR: unknown command; send STATISTICS or REPORT".utf8)]
    }
    guard state.buffer.sendEnvelope(0..<(count - 1), on: control) else { return }
    for (index, frame) in frames.enumerated() {
      _ = frame.withUnsafeBytes { control.send($0, more: index < frames.count - 1) }
    }
  }
}
