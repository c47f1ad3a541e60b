import ExampleSupport
import ZeroRPC

/// Greets.
protocol Greeter: RPCService {
  /// Greets somebody by name.
  func greet(_ name: String) async throws -> String
}

struct MyGreeter: Greeter {
  func greet(_ name: String) -> String { "Hello, \(name)!" }
}

@main
struct HelloWorld {
  static func main() async {
    await runExample {
      let server = RPCServer(services: [MyGreeter()])
      let endpoint = try await server.bind("tcp://127.0.0.1:*")
      let serving = Task { try await server.run() }

      try await withRPCClient(connectingTo: endpoint) { client in
        let greeting = try await GreeterClient(client).greet("world")
        print(greeting)
        try expect(greeting == "Hello, world!", "that is no greeting: \(greeting)")
      }

      server.beginGracefulShutdown()
      try await serving.value
    }
  }
}
