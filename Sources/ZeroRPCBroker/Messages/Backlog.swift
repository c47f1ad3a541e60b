/// Queues messages for one peer that does not take them at the moment, oldest first.
struct Backlog {
  private var messages: [HeldMessage?] = []
  private var head = 0

  var count: Int { messages.count - head }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ message: HeldMessage) { messages.append(message) }

  /// Hands out messages in order until one is not taken, and forgets those that were.
  mutating func drain(_ take: (HeldMessage) -> Bool) {
    while head < messages.count, let message = messages[head], take(message) {
      messages[head] = nil
      head += 1
    }
    if head == messages.count {
      messages = []
      head = 0
    } else if head > 1_024, head * 2 > messages.count {
      messages.removeFirst(head)
      head = 0
    }
  }

  mutating func removeAll() { (messages, head) = ([], 0) }
}
