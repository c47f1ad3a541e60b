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
    try await Task.sleep(for: .seconds(seconds))
  }

  func spin(seconds: Double) {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while clock.now < end {}
  }
}
