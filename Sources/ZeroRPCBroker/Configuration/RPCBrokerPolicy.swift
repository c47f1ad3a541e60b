/// Says which worker gets the next call.
///
/// ```swift
/// configuration.policy = .leastLoaded
/// configuration.policy = .credit(4)
/// ```
public struct RPCBrokerPolicy: Sendable, Hashable, CustomStringConvertible {
  /// Whether workers take turns; otherwise the one with the fewest open channels is next.
  let inTurn: Bool
  /// How many channels a worker may have open.
  let credit: Int
  /// The name by which the command line knows the policy.
  public let description: String

  /// Workers take turns. Calls are spread evenly, whatever they cost.
  public static let roundRobin = RPCBrokerPolicy(inTurn: true, credit: .max, description: "round-robin")

  /// The worker with the fewest open channels is next; equals take turns. Good when calls differ much in what they cost.
  public static let leastLoaded = RPCBrokerPolicy(inTurn: false, credit: .max, description: "least-loaded")

  /// As ``leastLoaded``, and no worker has more than `limit` channels open: further calls wait in the broker, first come first
  /// served, until a worker is free. A limit below 1 counts as 1.
  public static func credit(_ limit: Int) -> RPCBrokerPolicy {
    RPCBrokerPolicy(inTurn: false, credit: max(1, limit), description: "credit \(max(1, limit))")
  }
}
