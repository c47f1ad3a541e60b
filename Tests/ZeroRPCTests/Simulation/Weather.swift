import ZeroRPCTesting

/// Names what a simulated network goes through.
enum Weather: String, CaseIterable, Sendable {
  /// Messages take some time, no more.
  case calm
  /// Outages that TCP survives, broken connections, servers that are killed, and others that shut down.
  case outages
  /// At some moment all ways are cut, for good.
  case partition
  /// The machine is asleep for seconds to days.
  case jumps
  /// Messages are lost, which no ZeroMQ transport does to a living connection.
  case losses
  /// Messages are lost, doubled and reordered, and all else happens too.
  case chaos

  /// What happens to messages.
  func faults(_ random: inout SplitMix64) -> RPCFaults {
    let longest = Int.random(in: 0...100, using: &random)
    let latency = Duration.milliseconds(Int.random(in: 0...longest, using: &random)) ... .milliseconds(longest)
    switch self {
    case .calm, .outages, .partition, .jumps: return RPCFaults(latency: latency)
    case .losses: return RPCFaults(loss: Double.random(in: 0...0.2, using: &random), latency: latency)
    case .chaos:
      return RPCFaults(
        loss: Double.random(in: 0...0.1, using: &random), duplication: Double.random(in: 0...0.2, using: &random),
        latency: latency, reordering: Double.random(in: 0...0.3, using: &random))
    }
  }

  /// Whether a peer that lives is heard in time.
  var isPeerHeard: Bool { self == .calm || self == .jumps }
  /// Whether messages on a living connection arrive once, in their order.
  var keepsMessages: Bool { self != .losses && self != .chaos }
}

/// Is something that happens to the network while calls are made. Times are milliseconds.
struct Disturbance: Sendable, CustomStringConvertible {
  enum Kind: Sendable {
    case hold(Int)
    case disconnect
    case cut(Int?)
    case kill(endpoint: Int, Int)
    case shutDown(endpoint: Int)
    case jump(Int)
  }

  /// Since the schedule began; of a jump, since the one before.
  let after: Int
  let kind: Kind

  var description: String { "\(kind) after \(after)" }

  static func plan(_ weather: Weather, _ random: inout SplitMix64) -> [Disturbance] {
    func moment(_ random: inout SplitMix64) -> Int { Int.random(in: 0...15_000, using: &random) }
    switch weather {
    case .calm, .losses: return []
    case .partition: return [Disturbance(after: moment(&random), kind: .cut(nil))]
    case .jumps:
      return (0..<Int.random(in: 1...3, using: &random)).map { _ in
        let length = [3_000, 20_000, 600_000, 86_400_000].randomElement(using: &random) ?? 1
        // With some time in between: a process that is stopped again before it could run hears nobody.
        return Disturbance(after: Int.random(in: 1_000...6_000, using: &random), kind: .jump(length))
      }
    case .outages, .chaos:
      return (0..<Int.random(in: 1...4, using: &random)).map { _ in
        let length = Int.random(in: 1...20_000, using: &random)
        let kinds: [Kind] = [
          .hold(length), .disconnect, .cut(length), .kill(endpoint: Int.random(in: 0...1, using: &random), length),
          .shutDown(endpoint: Int.random(in: 0...1, using: &random)),
        ]
        return Disturbance(after: moment(&random), kind: kinds.randomElement(using: &random) ?? .disconnect)
      }
    }
  }
}
