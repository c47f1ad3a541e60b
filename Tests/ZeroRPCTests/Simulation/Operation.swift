import ZeroRPCTesting

/// Is something that a simulated client does. Times are milliseconds.
struct Operation: Sendable {
  enum Kind: Sendable {
    /// A call that returns its number after a pause.
    case echo(pause: Int)
    /// A call that fails after a pause.
    case refuse(pause: Int)
    /// A call of a method that does not exist.
    case unknown
    /// A call whose handler calls another server.
    case relay(pause: Int)
    /// A call that nobody waits for.
    case oneWay(pause: Int)
    /// A stream of which some or all items are taken, with a pause after each.
    case stream(limit: Int, pause: Int, taken: Int, think: Int)
  }

  let id: Int
  let client: Int
  let start: Int
  let timeout: Int
  let kind: Kind
  /// When the caller is cancelled.
  let cancelAfter: Int?

  static func plan(_ id: Int, clients: Int, _ random: inout SplitMix64) -> Operation {
    // Mostly short, sometimes longer than heartbeats and time-outs.
    func pause(_ random: inout SplitMix64) -> Int {
      [0, 0, Int.random(in: 0...100, using: &random), Int.random(in: 0...30_000, using: &random)]
        .randomElement(using: &random) ?? 0
    }
    let kind: Kind
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<4: kind = .echo(pause: pause(&random))
    case 4: kind = .refuse(pause: pause(&random))
    case 5: kind = .unknown
    case 6, 7: kind = .relay(pause: pause(&random))
    case 8: kind = .oneWay(pause: pause(&random))
    default:
      let limit = Int.random(in: 0...60, using: &random)
      let isRead = Bool.random(using: &random)
      kind = .stream(
        limit: limit, pause: [0, 0, 10, 500].randomElement(using: &random) ?? 0,
        taken: isRead ? .max : Int.random(in: 0...limit, using: &random),
        think: [0, 0, 10, 300].randomElement(using: &random) ?? 0)
    }
    return Operation(
      id: id, client: Int.random(in: 0..<clients, using: &random), start: Int.random(in: 0...10_000, using: &random),
      timeout: [20_000, 60_000, Int.random(in: 1...5_000, using: &random)].randomElement(using: &random) ?? 1,
      kind: kind,
      cancelAfter: Int.random(in: 0..<6, using: &random) == 0 ? Int.random(in: 0...10_000, using: &random) : nil)
  }
}

/// Says how an operation ended.
enum Outcome: Sendable, Equatable, CustomStringConvertible {
  case value(Int)
  case done
  /// How many items came, whether they were the right ones, and whether the stream ended.
  case items(Int, inOrder: Bool, ended: Bool)
  /// An error: of the framework by its code, of the peer by its name, or of no kind that is promised; after so many items.
  case failed(String, items: Int, inOrder: Bool)

  var description: String {
    switch self {
    case .value(let value): "\(value)"
    case .done: "done"
    case .items(let count, let inOrder, let ended):
      "\(count) items\(inOrder ? "" : " out of order")\(ended ? "" : ", left")"
    case .failed(let name, let count, let inOrder):
      "\(name)\(count > 0 ? " after \(count) items\(inOrder ? "" : " out of order")" : "")"
    }
  }
}
