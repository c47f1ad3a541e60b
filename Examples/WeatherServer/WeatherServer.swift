import ExampleSupport
import ZeroMQ

@main
struct WeatherServer {
  static func main() async {
    await runExample {
      // XPUB is a PUB that tells of subscriptions.
      let server = try ZMQSocket(.extendedPublish)
      let endpoint = try server.bind("tcp://127.0.0.1:*")
      let publishing = Task {
        _ = try await server.receive()
        while !Task.isCancelled {
          let place = String(Int.random(in: 10_000..<20_000))
          // One in a hundred is about the place that somebody wants to know of.
          let code = Int.random(in: 0..<100) == 0 ? "10115" : place
          try await server.send([code + " \(Int.random(in: -20..<40)) \(Int.random(in: 10..<60))"])
        }
      }
      let (mean, places) = try await weather(of: "10115", from: endpoint, updates: 100)
      print("the mean temperature of 10115 was \(mean) °C")
      try expect(places == ["10115"], "only 10115 should have come: \(places)")
      try expect((-20...40).contains(mean), "\(mean) °C is no weather")
      publishing.cancel()
      _ = await publishing.result
    }
  }

  static func weather(of place: String, from endpoint: String, updates: Int) async throws -> (Int, Set<String>) {
    let client = try ZMQSocket(.subscribe)
    try client.subscribe(to: "\(place) ")
    try client.connect(endpoint)
    var (sum, places) = (0, Set<String>())
    for _ in 0..<updates {
      let fields = try await client.receive().strings[0].split(separator: " ")
      try expect(fields.count == 3, "an update has three fields: \(fields)")
      places.insert(String(fields[0]))
      sum += Int(fields[1]) ?? 0
    }
    return (sum / updates, places)
  }
}
