/// When the machine kept threads from running that had a processor and something to do: the host ran another machine, the kernel did
/// something else. A call whose client or server has that processor waits.
package struct Stalls: Sendable {
  private var lengths: [UInt64] = []
  private let duration: UInt64

  /// Takes the stalls of several threads during a number of nanoseconds. One that overlaps another prolongs it: a call needs both
  /// its client and its server.
  package init(_ stalls: [Range<UInt64>], during duration: UInt64) {
    self.duration = duration
    var current: Range<UInt64>?
    for stall in stalls.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let open = current, stall.lowerBound <= open.upperBound {
        current = open.lowerBound..<max(open.upperBound, stall.upperBound)
      } else {
        if let current { lengths.append(UInt64(current.count)) }
        current = stall
      }
    }
    if let current { lengths.append(UInt64(current.count)) }
  }

  /// The wait in nanoseconds that a share of all moments do not exceed: what this percentile of calls would be that take no time at all.
  package func wait(share: Double) -> UInt64 {
    let allowed = (1 - share) * Double(duration)
    var (low, high) = (UInt64(0), lengths.max() ?? 0)
    while low < high {
      let middle = low + (high - low) / 2
      let beyond = lengths.reduce(0.0) { $0 + ($1 > middle ? Double($1 - middle) : 0) }
      if beyond > allowed { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Stalls: Decodable {
  /// What `zerorpc-bench-floor stalls` prints.
  private struct Report: Decodable {
    var elapsed: UInt64
    var stalls: [[UInt64]]

    enum CodingKeys: String, CodingKey {
      case elapsed = "elapsed_ns"
      case stalls
    }
  }

  package init(from decoder: any Decoder) throws {
    let report = try Report(from: decoder)
    let stalls = try report.stalls.map { pair in
      guard pair.count == 2, pair[0] <= pair[1] else {
        throw DecodingError.dataCorrupted(
          DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "a stall is [from, to], not \(pair)"))
      }
      return pair[0]..<pair[1]
    }
    self.init(stalls, during: report.elapsed)
  }
}
