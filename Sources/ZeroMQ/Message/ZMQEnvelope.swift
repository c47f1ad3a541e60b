/// Holds the way back to a requester: the routing frames that ROUTERs put in front, through any number of brokers, and the
/// empty delimiter behind them.
///
/// ```swift
/// var request = try await router.receive()
/// guard let envelope = request.popEnvelope() else { continue }
/// var reply: ZMQMessage = ["done"]
/// reply.push(envelope)
/// try await router.send(reply)
/// ```
public struct ZMQEnvelope: Sendable, Hashable {
  /// The routing ids, the one of the nearest peer first.
  public var routingIDs: [[UInt8]]

  /// Makes an envelope.
  public init(routingIDs: [[UInt8]]) { self.routingIDs = routingIDs }
}

extension ZMQMessage {
  /// Removes and returns everything up to the first empty part; nil, and nothing is removed, if no part is empty.
  public mutating func popEnvelope() -> ZMQEnvelope? {
    guard let delimiter = parts.firstIndex(where: \.isEmpty) else { return nil }
    let envelope = ZMQEnvelope(routingIDs: Array(parts[..<delimiter]))
    parts.removeFirst(delimiter + 1)
    return envelope
  }

  /// Puts an envelope in front, exactly as ``popEnvelope()`` took it off.
  public mutating func push(_ envelope: ZMQEnvelope) { parts.insert(contentsOf: envelope.routingIDs + [[]], at: 0) }

  /// Puts a routing frame and an empty delimiter in front, as a REQ and a ROUTER together make it.
  public mutating func push(routing id: [UInt8]) { parts.insert(contentsOf: [id, []], at: 0) }

  /// Removes and returns the first part, and the empty delimiter behind it if there is one; nil when no part is left.
  public mutating func popRouting() -> [UInt8]? {
    guard let id = popFrame() else { return nil }
    if let delimiter = parts.first, delimiter.isEmpty { parts.removeFirst() }
    return id
  }

  /// Puts one part in front and nothing else, as a ROUTER does.
  public mutating func push(frame: [UInt8]) { parts.insert(frame, at: 0) }

  /// Removes and returns the first part and nothing else; nil when no part is left.
  public mutating func popFrame() -> [UInt8]? { parts.isEmpty ? nil : parts.removeFirst() }
}
