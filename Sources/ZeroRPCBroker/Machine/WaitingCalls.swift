/// Queues calls that no worker could take yet, first come first served. Those that end meanwhile are skipped.
struct WaitingCalls: Sendable {
  struct Ticket: Sendable {
    let channel: Int
    let generation: UInt32
  }

  private var tickets: [Ticket] = []
  private var head = 0
  /// The number of calls that really wait; the caller keeps it up to date.
  var count = 0

  mutating func append(_ ticket: Ticket) {
    tickets.append(ticket)
    count += 1
  }

  /// Takes the oldest ticket, which may be of a call that has ended.
  mutating func popFirst() -> Ticket? {
    guard head < tickets.count else { return nil }
    defer {
      head += 1
      if head == tickets.count {
        tickets.removeAll(keepingCapacity: tickets.count < 4_096)
        head = 0
      } else if head > 1_024, head * 2 > tickets.count {
        tickets.removeFirst(head)
        head = 0
      }
    }
    return tickets[head]
  }

  /// Whether tickets of ended calls make up most of the queue.
  var isMostlyStale: Bool { tickets.count - head > 2 * count + 1_024 }

  /// Removes the tickets that a condition does not hold for.
  mutating func keep(_ isValid: (Ticket) -> Bool) {
    tickets = tickets[head...].filter(isValid)
    head = 0
  }
}
