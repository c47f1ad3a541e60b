internal import BenchmarkSupport
internal import ZeroRPC

/// Counts what became of calls.
struct BenchRecord: Sendable {
  /// Holds how often an error came, and what it said the first time.
  struct Failures: Sendable {
    var count: UInt64 = 0
    var message: String
  }

  /// The times of the calls that were answered, in nanoseconds.
  var latency = Histogram()
  /// Items of streams.
  var items: UInt64 = 0
  /// Whether any call was answered with a stream.
  var hasStreams = false
  /// By kind: the name of the service's error, or the code of ours.
  var failures: [String: Failures] = [:]

  var failed: UInt64 { failures.values.reduce(0) { $0 + $1.count } }

  mutating func note(_ error: any Error) {
    let (kind, message) =
      switch error {
      case let error as RemoteError: (error.name, error.description)
      case let error as RPCError: (error.code.description, error.message)
      default: ("\(type(of: error))", "\(error)")
      }
    failures[kind, default: Failures(message: message)].count += 1
  }

  mutating func merge(_ other: BenchRecord) {
    latency.merge(other.latency)
    items += other.items
    hasStreams = hasStreams || other.hasStreams
    for (kind, failures) in other.failures {
      self.failures[kind, default: Failures(message: failures.message)].count += failures.count
    }
  }
}
