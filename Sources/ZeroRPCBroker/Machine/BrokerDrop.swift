/// Says why a broker did not pass a message on. The raw values are the keys of ``BrokerStatistics/drops``.
package enum BrokerDrop: String, Sendable, CaseIterable {
  /// The message has no payload or too many frames, or its payload is no event.
  case malformed
  /// The event belongs to no open channel: it came late, or its channel ended by a loss or by silence.
  case noChannel
  /// A worker sent what only clients send: an event that opens a channel.
  case fromWorker
  /// The client's connection is gone.
  case clientGone
  /// The client does not take what is sent to it, and enough waits for it.
  case clientFull
  /// The worker does not take what is sent to it, and enough waits for it.
  case workerFull
  /// The queue of calls that wait for a worker, or the table of channels, is full; the caller got an error.
  case overloaded
  /// The worker was lost with the message on its way.
  case workerLost
}
