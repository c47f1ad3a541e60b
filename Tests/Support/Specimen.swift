package import Foundation
package import ZeroRPC

/// Does one of everything, for the tests.
package protocol Specimen: RPCService {
  /// Adds two numbers.
  func add(_ a: Int, _ b: Int) async throws -> Int
  /// Divides; throws when the divisor is zero.
  func divide(_ a: Double, by b: Double) async throws -> Double
  func nothing() async throws
  /// Throws an error that is declared.
  // zerorpc: throws = Overdrawn, Account.Locked
  func withdraw(_ amount: Int) async throws -> Int
  /// Streams up to a limit, then throws an error that is declared.
  // zerorpc: throws = Overdrawn
  func withdrawals(_ limit: Int) async throws -> RPCStream<Int>
  /// Throws an error that is registered with the server, if at all.
  func refuse(_ reason: String) async throws
  func fail(_ message: String) async throws
  func failRemotely(_ name: String, _ message: String, _ traceback: String?) async throws
  /// Returns a dictionary whose keys MessagePack peers do not accept.
  func unsendable() async throws -> Unsendable

  func echoInt(_ value: Int) async throws -> Int
  func echoInt8(_ value: Int8) async throws -> Int8
  func echoUInt64(_ value: UInt64) async throws -> UInt64
  func echoDouble(_ value: Double) async throws -> Double
  func echoFloat(_ value: Float) async throws -> Float
  func echoBool(_ value: Bool) async throws -> Bool
  func echoString(_ value: String) async throws -> String
  func echoData(_ value: Data) async throws -> Data
  func echoDate(_ value: Date) async throws -> Date
  func echoOptional(_ value: Int?) async throws -> Int?
  func echoArray(_ value: [[String]]) async throws -> [[String]]
  func echoMap(_ value: [String: [Double]]) async throws -> [String: [Double]]
  func echoSample(_ value: Sample) async throws -> Sample
  func echoChoice(_ value: Choice) async throws -> Choice
  func echoValue(_ value: MessagePackValue) async throws -> MessagePackValue

  /// Counts from zero up to, but not including, a limit.
  func count(to limit: Int) async throws -> RPCStream<Int>
  /// Counts up to a limit, then throws.
  func failing(after limit: Int) async throws -> RPCStream<Int>
  func samples(_ count: Int) async throws -> RPCStream<Sample>
  func unsendables() async throws -> RPCStream<Unsendable>
  /// Counts for ever, and notes each number in the journal under a tag.
  func endless(_ tag: String) async throws -> RPCStream<Int>
  /// Counts up to a limit with a pause before each number.
  func slowly(to limit: Int, pause: Double) async throws -> RPCStream<Int>
  /// Counts up to a limit, then waits until it is cancelled, and notes that in the journal.
  func pausing(_ tag: String, after limit: Int) async throws -> RPCStream<Int>
  /// Streams from several tasks at once; the order of the numbers is any.
  func together(_ count: Int, writers: Int) async throws -> RPCStream<Int>

  /// Waits until it is cancelled or released by its tag, and notes in the journal what happened.
  func wait(_ tag: String) async throws
  func sleep(seconds: Double) async throws
  /// Burns the processor without suspending.
  func spin(seconds: Double) async throws
  func length(of data: Data) async throws -> Int
  func blob(_ count: Int) async throws -> Data
}

/// Holds one of everything that travels.
package struct Sample: Codable, Hashable, Sendable {
  package struct Part: Codable, Hashable, Sendable {
    package var name: String
    package var price: Double?
  }

  package var title: String
  package var note: String?
  package var parts: [Part]
  package var counts: [String: Int]
  package var bytes: Data
  package var date: Date

  package static func numbered(_ number: Int) -> Sample {
    Sample(
      title: "número \(number)", note: number % 2 == 0 ? nil : "odd",
      parts: (0..<(number % 4)).map { Part(name: "part \($0)", price: $0 % 2 == 0 ? Double($0) / 4 : nil) },
      counts: ["a": number, "b": -number], bytes: Data((0..<number % 50).map { UInt8($0) }),
      date: Date(timeIntervalSince1970: 1_700_000_000.25 + Double(number)))
  }
}

/// Is an enumeration with associated values, as Swift's own `Codable` synthesis writes it.
package enum Choice: Codable, Hashable, Sendable {
  case none
  case number(Int)
  case named(text: String, flags: [Bool])
}

/// Holds what MessagePack peers do not accept: a map whose keys are integers.
package struct Unsendable: Codable, Hashable, Sendable {
  package var names: [Int: String]
}

/// Is an error that the service declares.
package struct Overdrawn: Error, Codable, Hashable, Sendable {
  package var missing: Int
  package var note: String?

  package init(missing: Int, note: String? = nil) {
    self.missing = missing
    self.note = note
  }
}

/// Holds a declared error in another type.
package enum Account {
  /// Says why nothing can be withdrawn.
  package enum Locked: String, Error, Codable, LocalizedError {
    case frozen, closed

    package var errorDescription: String? { "the account is \(rawValue)" }
  }
}
