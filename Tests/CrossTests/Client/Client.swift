import Foundation
import ZeroRPC

/// Is the client of zerorpc-crosstests in Swift: crosstest-client ENDPOINT.
@main
struct Client {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: crosstest-client ENDPOINT\n".utf8))
      exit(64)
    }
    try await withRPCClient(connectingTo: CommandLine.arguments[1]) { client in
      // Each is asked for as the type that it was sent as; what arrives as another does not decode.
      try await echo(42, client)
      try await echo(42.42, client)
      try await echo(Data("random bytes".utf8), client)
      try await echo("unicode string \u{1F600}", client)
      try await echo(MessagePackValue.array([nil, true, -1, 1.5, "text", ["k": [1, 2]]]), client)
      try await client.remote.quit()
    }
    print("All tests passed.")
  }

  static func echo<Value: Codable & Equatable & Sendable>(_ value: Value, _ client: RPCClient) async throws {
    print("sending \(value)")
    let echoed: Value = try await client.remote.echo(value)
    guard echoed == value else { throw Unequal(description: "sent \(value), got \(echoed)") }
  }

  struct Unequal: Error, CustomStringConvertible {
    let description: String
  }
}
