internal import MessagePack

/// Says what a link does to the messages of one direction.
///
/// ```swift
/// link.toServer = RPCFaults(loss: 0.1, latency: .zero ... .milliseconds(20))
/// link.toClient = RPCFaults(loss: 1, events: ["_zpc_hb"])          // no heartbeat arrives, all else does
/// ```
public struct RPCFaults: Sendable, Hashable {
  /// The share of messages that never arrive, from 0 to 1.
  public var loss: Double
  /// The share of those that arrive twice, from 0 to 1.
  public var duplication: Double
  /// How long a message is under way, at random between these. Messages of one direction keep their order, as ZeroMQ's do,
  /// unless ``reordering`` says otherwise.
  public var latency: ClosedRange<Duration>
  /// The share of messages that are late by up to ``latency`` once more, or ten milliseconds if that is longer, and that others
  /// may overtake, from 0 to 1. No ZeroMQ transport does that to one connection.
  public var reordering: Double
  /// The names of the events that are concerned: a method's name, or `OK`, `ERR`, `STREAM`, `STREAM_DONE`, `_zpc_hb`
  /// (heartbeats) and `_zpc_more` (credit). Nil, the default, is every event.
  public var events: Set<String>?

  /// Makes faults; none unless given.
  public init(
    loss: Double = 0, duplication: Double = 0, latency: ClosedRange<Duration> = .zero ... .zero,
    reordering: Double = 0, events: Set<String>? = nil
  ) {
    self.loss = loss
    self.duplication = duplication
    self.latency = latency
    self.reordering = reordering
    self.events = events
  }
}

extension RPCFaults {
  /// Whether an event is one of those that the faults concern.
  func concern(_ event: [UInt8]) -> Bool {
    guard let events else { return true }
    return RPCFaults.name(of: event).map(events.contains) ?? true
  }

  /// The name in an event, which is an array of header, name and arguments.
  static func name(of event: [UInt8]) -> String? {
    let value = event.withUnsafeBytes { try? MessagePackValue(parsing: $0) }
    guard let parts = value?.arrayValue, parts.count > 1 else { return nil }
    return parts[1].stringValue
  }
}
