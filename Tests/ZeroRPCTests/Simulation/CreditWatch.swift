import Synchronization
import ZeroRPC
import ZeroRPCTesting

/// Compares what servers send on each channel with the credit that they were granted, by looking at every message.
final class CreditWatch: Sendable {
  private struct Channel: Sendable {
    var granted = 1
    var sent = 0
  }

  private let channels = Mutex<[[UInt8]: Channel]>([:])
  private let excess = Mutex<[String]>([])

  /// What was sent beyond its credit.
  var violations: [String] { excess.withLock { $0 } }

  func see(_ direction: RPCTestNetwork.Direction, _ parts: [[UInt8]], _ arrives: Bool) {
    guard let payload = parts.last else { return }
    payload.withUnsafeBytes { bytes in
      guard let layout = try? EventReader.read(bytes) else { return }
      let name = EventName(UnsafeRawBufferPointer(rebasing: bytes[layout.name]))
      guard let range = layout.responseTo else { return }
      let id = Array(payload[range])
      switch (direction, name) {
      case (.toServer, .more), (.toServer, .heartbeat):
        guard arrives, name == .more, let grant = EventReader.grant(bytes, at: layout.arguments) else { return }
        channels.withLock { $0[id, default: Channel()].granted += Int(grant) }
      case (.toClient, .ok), (.toClient, .error), (.toClient, .stream), (.toClient, .streamDone):
        channels.withLock { channels in
          channels[id, default: Channel()].sent += 1
          guard let channel = channels[id], channel.sent > channel.granted else { return }
          excess.withLock { $0.append("sent \(channel.sent) events with a credit of \(channel.granted)") }
        }
      default: break
      }
    }
  }
}
