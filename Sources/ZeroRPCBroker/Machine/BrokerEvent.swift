package import ZeroRPC

/// Says what a broker has to know of an event: its header and its name, never its arguments.
package struct BrokerEvent: Sendable {
  /// What an event means to the channel that it belongs to.
  package enum Kind: Sendable, Equatable {
    /// Opens a channel: a request.
    case open
    case heartbeat
    /// A heartbeat of a caller that wants no answer any more.
    case cancellation
    /// An item, a credit grant, or anything else inside a channel.
    case other
    /// The last event of a channel: `OK` or `STREAM_DONE`.
    case done
    /// The last event of a channel: `ERR`.
    case failure
  }

  package var kind: Kind
  /// Where the channel's id stands in the payload, with its MessagePack type byte.
  package var channel: Range<Int>
  /// The protocol version that the sender speaks.
  package var version: Int
  /// How long the caller waits for the first answer, in milliseconds, if it said so.
  package var patience: Int64?

  package init(kind: Kind, channel: Range<Int> = 0..<0, version: Int = 3, patience: Int64? = nil) {
    (self.kind, self.channel, self.version, self.patience) = (kind, channel, version, patience)
  }

  /// Reads the header and the name of an event.
  package static func read(_ payload: UnsafeRawBufferPointer) throws(MalformedEvent) -> BrokerEvent {
    let layout = try EventReader.read(payload)
    let name = EventName(UnsafeRawBufferPointer(rebasing: payload[layout.name]))
    guard let channel = layout.responseTo else {
      guard !layout.messageID.isEmpty else { throw MalformedEvent.missingID }
      // A heartbeat or a grant opens nothing.
      if name == .heartbeat || name == .more { throw MalformedEvent.missingChannel }
      return BrokerEvent(
        kind: .open, channel: layout.messageID, version: layout.version, patience: layout.remainingMilliseconds)
    }
    let kind: Kind =
      switch name {
      case .heartbeat: layout.isCancellation ? .cancellation : .heartbeat
      case .ok, .streamDone: .done
      case .error: .failure
      case .more, .stream, .method: .other
      }
    return BrokerEvent(kind: kind, channel: channel, version: layout.version)
  }
}

extension MalformedEvent {
  fileprivate static let missingID = MalformedEvent(description: "an event that opens a channel has no message_id")
  fileprivate static let missingChannel = MalformedEvent(
    description: "a heartbeat or a credit grant has no response_to")
}
