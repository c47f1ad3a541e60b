/// Says how many messages to receive in one turn.
///
/// To learn that no more is there costs two system calls. While messages come one by one, whoever waits for the one that
/// was received need not wait for that too: it is found out in the next turn, after they have run.
struct ReceiveBurst {
  /// More are never received in one turn, before other sources and jobs get theirs.
  static let maximum = 64

  private(set) var limit = 1
  private var received = 0

  /// Notes that a message was received.
  @inline(__always)
  mutating func count() { received += 1 }

  /// Notes that no more is there.
  mutating func end() {
    if received > 0 { limit = received == 1 ? 1 : ReceiveBurst.maximum }
    received = 0
  }
}
