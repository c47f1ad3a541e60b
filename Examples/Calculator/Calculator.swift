import Foundation
import ZeroRPC

/// Adds, divides, counts and keeps busy.
protocol Calculator: RPCService {
  /// Adds two numbers.
  func add(_ a: Int, _ b: Int) async throws -> Int

  /// Divides one number by another. Throws when the divisor is zero.
  func divide(_ a: Double, by b: Double) async throws -> Double

  /// Counts from zero up to, but not including, a limit.
  func count(to limit: Int) async throws -> RPCStream<Int>

  /// Returns what it is given.
  func echo(_ sample: Sample) async throws -> Sample

  /// Suspends for a while.
  func sleep(seconds: Double) async throws

  /// Burns the processor for a while, without ever suspending.
  func spin(seconds: Double) async throws
}

/// Holds one of everything that travels.
struct Sample: Codable, Hashable, Sendable {
  /// A part of a sample.
  struct Part: Codable, Hashable, Sendable {
    var name: String
    var price: Double?
  }

  var title: String
  var note: String?
  var parts: [Part]
  var counts: [String: Int]
  var bytes: Data
  var date: Date
}
