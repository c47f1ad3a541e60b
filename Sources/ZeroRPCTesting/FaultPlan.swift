/// Decides the fate of each message of one direction: the same for the same seed, whenever the messages come.
package struct FaultPlan: Sendable {
  /// Says what becomes of a message.
  package enum Fate: Sendable, Equatable {
    case lost
    /// It arrives, and keeps the order of messages unless it `mayBeOvertaken`.
    case arrives(copies: Int, after: Duration, mayBeOvertaken: Bool = false)
  }

  private var random: SplitMix64

  /// Makes a plan. Directions of one link take different streams of the same seed.
  package init(seed: UInt64, stream: UInt64) {
    random = SplitMix64(state: seed &+ stream &* 0xA076_1D64_78BD_642F)
  }

  /// Decides about the next message. Every message takes the same number of random numbers, so that the fate of a later one
  /// does not depend on what was asked for an earlier one.
  package mutating func fate(under faults: RPCFaults) -> Fate {
    let (loss, duplication, delay) = (random.nextUnit(), random.nextUnit(), random.nextUnit())
    let (reordering, lateness) = (random.nextUnit(), random.nextUnit())
    if loss < faults.loss { return .lost }
    let spread = faults.latency.upperBound - faults.latency.lowerBound
    let copies = duplication < faults.duplication ? 2 : 1
    let time = faults.latency.lowerBound + spread * delay
    guard reordering < faults.reordering else { return .arrives(copies: copies, after: time) }
    let longest = max(faults.latency.upperBound, .milliseconds(10))
    return .arrives(copies: copies, after: time + longest * lateness, mayBeOvertaken: true)
  }
}

/// Yields the same numbers for the same state (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  var state: UInt64

  /// Starts with a state, which is the seed.
  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from 0 up to, but not including, 1.
  mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
