import Foundation
import ZeroRPC

/// Is the server of zerorpc-crosstests in Swift: crosstest-server ENDPOINT.
@main
struct Server {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: crosstest-server ENDPOINT\n".utf8))
      exit(64)
    }
    let (quits, continuation) = AsyncStream.makeStream(of: Void.self)
    let server = RPCServer(services: [MyCrossTest { continuation.yield() }])
    print("serving at \(try await server.bind(CommandLine.arguments[1]))")
    fflush(nil)
    async let running: Void = server.run()
    for await _ in quits { break }
    // The answer to quit is among the calls that this finishes.
    server.beginGracefulShutdown()
    try await running
  }
}
