import ZeroRPC

/// What customers call; in Swift.
protocol Shop: RPCService {
  /// The price of some pieces of an item, if there are as many.
  func quote(_ item: String, count: Int) async throws -> Double
}

/// What the shop calls; in Python.
protocol Pricing: RPCService {
  /// The price of some pieces of an item, if there are as many.
  func price(_ item: String, _ count: Int) async throws -> Double

  /// The spans of a trace that Python has recorded.
  func spans(_ trace: String) async throws -> [PythonSpan]
}

/// A span as Python records it.
struct PythonSpan: Codable, Sendable {
  var trace: String
  var span: String
  var parent: String
  var name: String
}

/// What the pricing calls; in Swift again.
protocol Stock: RPCService {
  /// How many there are of an item.
  func available(_ item: String) async throws -> Int
}

struct MyShop: Shop {
  let pricing: PricingClient

  func quote(_ item: String, count: Int) async throws -> Double { try await pricing.price(item, count) }
}

/// Counts what is there. It never finds the anvils.
actor MyStock: Stock {
  /// How much time the callers had left.
  private(set) var remainingTimes: [Duration?] = []
  /// Searches that were called off.
  private(set) var cancellations = 0

  func available(_ item: String) async throws -> Int {
    remainingTimes.append(RPCTaskContext.current.remainingTime)
    guard item == "anvil" else { return 100 }
    do {
      try await Task.sleep(for: .seconds(3_600))
    } catch {
      cancellations += 1
      throw error
    }
    return 0
  }
}
