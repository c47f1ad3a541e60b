/// Counts what one side of a channel may still send (PROTOCOL 1.5): every event but heartbeats and grants costs one.
package struct SendCredit: Sendable {
  /// The most that is ever kept; a peer that grants more gains nothing.
  package static let maximum = 1 << 30

  /// Events that may be sent now. Starts at one, never negative.
  package private(set) var available = 1

  /// Starts with the one credit that every channel has.
  package init() {}

  /// Spends one credit; false when there is none.
  package mutating func spend() -> Bool {
    guard available > 0 else { return false }
    available -= 1
    return true
  }

  /// Adds a grant. Huge grants are capped; zero and negative ones change nothing.
  package mutating func add(_ grant: Int64) {
    guard grant > 0 else { return }
    available = min(SendCredit.maximum, available + Int(min(grant, Int64(SendCredit.maximum))))
  }
}

/// Decides when the receiving side of a channel grants credit, exactly as the reference does, so that a peer that adds
/// grants and one that takes them as absolute both stay within the window.
package struct ReceiveWindow: Sendable {
  /// How many items the sender may be ahead.
  package let size: Int
  private var reserved = 1
  private var queued = 0
  private var hasPulled = false

  /// Makes a window; sizes below 2 would never grant anything (a known bug of the reference) and count as 2.
  package init(size: Int) { self.size = min(max(size, 2), SendCredit.maximum) }

  /// Notes an arrival; false when the peer ignores its credit so grossly that memory would not be bounded.
  package mutating func arrived() -> Bool {
    queued += 1
    return queued <= 2 * size + 2
  }

  /// Notes that the consumer asks for an item; returns the credit to grant first, if any.
  package mutating func pull(isOpen: Bool) -> Int? {
    guard hasPulled else {
      hasPulled = true
      return nil
    }
    guard isOpen, 2 * reserved < size else { return nil }
    let grant = size - reserved
    reserved = size
    return grant
  }

  /// Notes that the consumer took an item.
  package mutating func took() {
    queued -= 1
    reserved -= 1
  }
}
