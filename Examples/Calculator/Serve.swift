import ArgumentParser
import Foundation
import ZeroRPC

/// Serves a calculator until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Serve the calculator until Ctrl-C.")

  @Option(help: ArgumentHelp("Where to listen; may be given more than once.", valueName: "endpoint"))
  var bind: [String] = ["tcp://127.0.0.1:4242"]

  @Option(help: ArgumentHelp("Seconds between heartbeats; 0 for none.", valueName: "seconds"))
  var heartbeat: Double = 5

  func validate() throws {
    // A Duration of more seconds than this would overflow.
    guard (0...1e9).contains(heartbeat) else {
      throw ValidationError("--heartbeat takes a number of seconds from 0 to 1e9, not \(heartbeat)")
    }
  }

  func run() async throws {
    var configuration = RPCServerConfiguration()
    configuration.heartbeat = heartbeat == 0 ? nil : .seconds(heartbeat)
    let server = RPCServer(services: [MyCalculator()], configuration: configuration)
    for endpoint in bind {
      print("serving \(server.name) at \(try await server.bind(endpoint))")
    }
    // Whoever waits for these lines may read them through a pipe, which is buffered.
    fflush(nil)
    try await server.runUntilSignalled()
  }
}
