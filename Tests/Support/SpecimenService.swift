package import Foundation
package import ZeroRPC

/// Implements ``Specimen`` and writes down what happens to it.
package struct SpecimenService: Specimen {
  package struct Refusal: Error, CustomStringConvertible {
    package let description: String
  }

  package struct Refused: Error, Codable, Hashable {
    package let reason: String

    package init(reason: String) { self.reason = reason }
  }

  package let journal: Journal
  private let clock: any Clock<Duration>

  package init(_ journal: Journal, clock: any Clock<Duration> = ContinuousClock()) {
    self.journal = journal
    self.clock = clock
  }

  package func add(_ a: Int, _ b: Int) -> Int { a &+ b }
  package func divide(_ a: Double, by b: Double) throws -> Double {
    if b == 0 { throw Refusal(description: "cannot divide \(a) by zero") }
    return a / b
  }
  package func nothing() {}
  package func withdraw(_ amount: Int) throws -> Int {
    if amount > 100 { throw Overdrawn(missing: amount - 100, note: "é") }
    if amount < 0 { throw Account.Locked.frozen }
    if amount == 0 { throw Refusal(description: "nothing to withdraw") }
    return 100 - amount
  }
  package func withdrawals(_ limit: Int) -> RPCStream<Int> {
    RPCStream { writer in
      for number in 0..<limit { try await writer.write(number) }
      throw Overdrawn(missing: limit)
    }
  }
  package func refuse(_ reason: String) throws { throw Refused(reason: reason) }
  package func fail(_ message: String) throws { throw Refusal(description: message) }
  package func failRemotely(_ name: String, _ message: String, _ traceback: String?) throws {
    throw RemoteError(name: name, message: message, traceback: traceback)
  }
  package func unsendable() -> Unsendable { Unsendable(names: [1: "one"]) }

  package func echoInt(_ value: Int) -> Int { value }
  package func echoInt8(_ value: Int8) -> Int8 { value }
  package func echoUInt64(_ value: UInt64) -> UInt64 { value }
  package func echoDouble(_ value: Double) -> Double { value }
  package func echoFloat(_ value: Float) -> Float { value }
  package func echoBool(_ value: Bool) -> Bool { value }
  package func echoString(_ value: String) -> String { value }
  package func echoData(_ value: Data) -> Data { value }
  package func echoDate(_ value: Date) -> Date { value }
  package func echoOptional(_ value: Int?) -> Int? { value }
  package func echoArray(_ value: [[String]]) -> [[String]] { value }
  package func echoMap(_ value: [String: [Double]]) -> [String: [Double]] { value }
  package func echoSample(_ value: Sample) -> Sample { value }
  package func echoChoice(_ value: Choice) -> Choice { value }
  package func echoValue(_ value: MessagePackValue) -> MessagePackValue { value }

  package func count(to limit: Int) -> RPCStream<Int> { RPCStream(contentsOf: 0..<limit) }
  package func failing(after limit: Int) -> RPCStream<Int> {
    RPCStream { writer in
      for number in 0..<limit { try await writer.write(number) }
      throw Refusal(description: "boom")
    }
  }
  package func samples(_ count: Int) -> RPCStream<Sample> {
    RPCStream { writer in
      for number in 0..<count { try await writer.write(.numbered(number)) }
    }
  }
  package func unsendables() -> RPCStream<Unsendable> {
    RPCStream { writer in
      try await writer.write(Unsendable(names: [:]))
      try await writer.write(Unsendable(names: [1: "one"]))
    }
  }
  package func endless(_ tag: String) -> RPCStream<Int> {
    RPCStream { [journal] writer in
      journal.note("\(tag) started")
      defer { journal.note("\(tag) ended") }
      var number = 0
      while true {
        try await writer.write(number)
        journal.note("\(tag) written")
        number += 1
      }
    }
  }
  package func slowly(to limit: Int, pause: Double) -> RPCStream<Int> {
    RPCStream { [clock] writer in
      for number in 0..<limit {
        try await clock.sleep(for: .seconds(pause))
        try await writer.write(number)
      }
    }
  }
  package func pausing(_ tag: String, after limit: Int) -> RPCStream<Int> {
    RPCStream { [journal] writer in
      for number in 0..<limit { try await writer.write(number) }
      do {
        try await journal.release(of: tag)
      } catch {
        journal.note("\(tag) cancelled")
        throw error
      }
    }
  }
  package func together(_ count: Int, writers: Int) -> RPCStream<Int> {
    RPCStream { writer in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for first in 0..<writers {
          group.addTask {
            for number in stride(from: first, to: count, by: writers) { try await writer.write(number) }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  package func wait(_ tag: String) async throws {
    journal.note("\(tag) started")
    defer { journal.note("\(tag) ended") }
    do {
      try await journal.release(of: tag)
    } catch {
      journal.note("\(tag) cancelled")
      throw error
    }
  }
  package func sleep(seconds: Double) async throws { try await clock.sleep(for: .seconds(seconds)) }
  package func spin(seconds: Double) {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while clock.now < end {}
  }
  package func length(of data: Data) -> Int { data.count }
  package func blob(_ count: Int) -> Data { Data(repeating: 0xA5, count: count) }
}

/// Counts one up at a time: an actor as a service.
package protocol Counter: RPCService {
  func increment(by step: Int) async throws -> Int
}

/// Implements ``Counter`` with a suspension in the middle of nothing.
package actor CounterActor: Counter {
  private var total = 0

  package init() {}

  package func increment(by step: Int) -> Int {
    let before = total
    total = before + step
    return total
  }
}
