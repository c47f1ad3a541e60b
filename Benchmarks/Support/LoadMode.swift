/// How a load role makes its calls. The raw values are the words of the command line.
package enum LoadMode: String, Codable, Sendable, CaseIterable {
  /// One call after the other; the latency of each is recorded.
  case sequential
  /// A fixed number of calls in flight (a closed loop).
  case pipelined
  /// One-way items, bounded by a window.
  case stream
  /// Calls at a fixed rate whatever the replies do; latency counts from the moment a call was due.
  case openLoop = "open-loop"
  /// Connections that do nothing.
  case idle
  /// Messages that the server pushes and the load pulls; nobody answers.
  case push
  /// Messages that the server publishes and the load has subscribed to; nobody answers.
  case publish

  /// Whether the server sends, and the load receives and counts.
  package var isOneWay: Bool { self == .push || self == .publish }
}

/// What carries the messages. The raw values are endpoint schemes.
package enum Transport: String, Codable, Sendable, CaseIterable {
  case tcp
  case ipc
  /// Both roles in one process.
  case inproc
}
