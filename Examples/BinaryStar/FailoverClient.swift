import ZeroRPC

/// Calls the one of two servers that serves.
actor FailoverClient {
  private let stores: [StoreClient]
  private var current = 0

  init(_ endpoints: [String]) throws {
    stores = try endpoints.map { endpoint in
      StoreClient(try RPCClient(connectingTo: endpoint)).with { $0.timeout = .milliseconds(500) }
    }
  }

  /// Asks who answers: one server after the other, until one does or the deadline has passed.
  func whoAnswers(within limit: Duration) async throws -> String {
    let deadline = ContinuousClock.now + limit
    while true {
      do {
        return try await stores[current].whoAnswers()
      } catch let error where ContinuousClock.now < deadline && !(error is CancellationError) {
        current = 1 - current
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  func close() {
    for store in stores { store.client.close() }
  }
}
