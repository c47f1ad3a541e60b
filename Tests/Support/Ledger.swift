internal import Synchronization
package import ZeroRPC

/// Is told things, for the tests of messages that nobody answers.
// zerorpc: pusher, publisher, mock
package protocol Ledger: RPCService {
  /// Writes an entry.
  func record(_ entry: String) async throws
  /// Counts one up.
  func tick() async throws
  func add(number: Int, to column: String) async throws
  /// Throws.
  func refuse(_ reason: String) async throws
  /// Returns only when its tag is released.
  func hold(_ tag: String) async throws
  /// How many entries there are.
  func count() async throws -> Int
  func numbers(to limit: Int) async throws -> RPCStream<Int>
}

/// Implements ``Ledger``: keeps the entries in order, and notes in a journal how often each came.
package final class LedgerService: Ledger {
  package let journal: Journal
  private let state = Mutex<(entries: [String], ticks: Int)>(([], 0))

  package init(_ journal: Journal = Journal()) { self.journal = journal }

  package var entries: [String] { state.withLock { $0.entries } }
  package var ticks: Int { state.withLock { $0.ticks } }

  package func record(_ entry: String) { write(entry) }
  package func tick() { state.withLock { $0.ticks += 1 } }
  package func add(number: Int, to column: String) { write("\(column)=\(number)") }
  package func refuse(_ reason: String) throws {
    write("refused")
    throw SpecimenService.Refused(reason: reason)
  }
  package func hold(_ tag: String) async throws {
    journal.note("\(tag) began")
    do {
      try await journal.release(of: tag)
      journal.note("\(tag) ended")
    } catch {
      journal.note("\(tag) cancelled")
      throw error
    }
  }
  package func count() -> Int { entries.count }
  package func numbers(to limit: Int) -> RPCStream<Int> {
    RPCStream { writer in
      self.journal.note("numbers")
      for number in 0..<limit { try await writer.write(number) }
    }
  }

  private func write(_ entry: String) {
    state.withLock { $0.entries.append(entry) }
    journal.note(entry)
  }
}
