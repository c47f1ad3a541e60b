import ZeroRPC

/// Implements the calculator. None of these methods needs to know that it is called from elsewhere.
struct MyCalculator: Calculator {
  struct DivisionByZero: Error, CustomStringConvertible {
    let dividend: Double
    var description: String { "cannot divide \(dividend) by zero" }
  }

  struct Overflow: Error, CustomStringConvertible {
    var description: String { "the sum exceeds 64 bits" }
  }

  struct InvalidDuration: Error, CustomStringConvertible {
    let seconds: Double
    var description: String { "cannot wait for \(seconds) seconds; from 0 to 1e9 is possible" }
  }

  func add(_ a: Int, _ b: Int) throws -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    if overflow { throw Overflow() }
    return sum
  }

  func divide(_ a: Double, by b: Double) throws -> Double {
    if b == 0 { throw DivisionByZero(dividend: a) }
    return a / b
  }

  func count(to limit: Int) -> RPCStream<Int> {
    RPCStream { writer in
      var number = 0
      while number < limit {
        try await writer.write(number)
        number += 1
      }
    }
  }

  func echo(_ sample: Sample) -> Sample { sample }

  func sleep(seconds: Double) async throws {
    try await Task.sleep(for: duration(seconds))
  }

  func spin(seconds: Double) throws {
    let clock = ContinuousClock()
    let end = clock.now + (try duration(seconds))
    while clock.now < end {}
  }

  /// What a peer sends may be any number, and a `Duration` traps when it overflows.
  private func duration(_ seconds: Double) throws -> Duration {
    guard (0...1e9).contains(seconds) else { throw InvalidDuration(seconds: seconds) }
    return .seconds(seconds)
  }
}
