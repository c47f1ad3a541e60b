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
  /// How long a message is under way, at random between these. Messages of one direction keep their order, as ZeroMQ's do.
  public var latency: ClosedRange<Duration>
  /// The names of the events that are concerned: a method's name, or `OK`, `ERR`, `STREAM`, `STREAM_DONE`, `_zpc_hb`
  /// (heartbeats) and `_zpc_more` (credit). Nil, the default, is every event.
  public var events: Set<String>?

  /// Makes faults; none unless given.
  public init(
    loss: Double = 0, duplication: Double = 0, latency: ClosedRange<Duration> = .zero ... .zero,
    events: Set<String>? = nil
  ) {
    self.loss = loss
    self.duplication = duplication
    self.latency = latency
    self.events = events
  }
}
