internal import BenchmarkSupport

/// Says what load to make.
struct BenchPlan: Sendable {
  /// Calls are made until so many are made, or so many seconds are over; whichever comes first.
  var requests: UInt64?
  var seconds: Double?
  /// How many calls wait for their reply at most.
  var inFlight: Int
  /// Calls per second, whatever the replies do; nil makes the next call as soon as one is answered.
  var rate: Double?
}

/// Holds what came of a load.
struct BenchResult: Sendable {
  var record = BenchRecord()
  var seconds = 0.0
  /// Whether it was stopped before its end.
  var isInterrupted = false

  /// Calls that were answered, per second.
  var throughput: Double { seconds > 0 ? Double(record.latency.count) / seconds : 0 }
}
