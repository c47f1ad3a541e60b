import ArgumentParser
import Foundation
import ZeroRPC

@main
struct CalculatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calculator", abstract: "Serves a calculator, or shows what a client does with one.",
    subcommands: [Serve.self, Demo.self])
}

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Serve the calculator until Ctrl-C.")

  @Option(help: "Where to listen; may be given more than once.")
  var bind: [String] = ["tcp://127.0.0.1:4242"]

  @Option(help: "Seconds between heartbeats; 0 for none.")
  var heartbeat: Double = 5

  func validate() throws {
    guard heartbeat >= 0, heartbeat.isFinite else {
      throw ValidationError("--heartbeat takes a number of seconds that is not negative")
    }
  }

  func run() async throws {
    var configuration = RPCServerConfiguration()
    configuration.heartbeat = heartbeat == 0 ? nil : .seconds(heartbeat)
    let server = RPCServer(services: [MyCalculator()], configuration: configuration)
    for endpoint in bind {
      print("serving \(server.name) at \(try await server.bind(endpoint))")
    }
    fflush(nil)
    try await server.runUntilSignalled()
  }
}

struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Call a calculator, by the typed stub and dynamically.")

  @Option(help: "Where the calculator listens.")
  var connect = "tcp://127.0.0.1:4242"

  func run() async throws {
    try await withRPCClient(connectingTo: connect) { client in
      let calculator = CalculatorClient(client)
      print("add(1, 2)            → \(try await calculator.add(1, 2))")
      print("divide(1, by: 4)     → \(try await calculator.divide(1, by: 4))")

      var counted: [Int] = []
      for try await number in try await calculator.count(to: 5) { counted.append(number) }
      print("count(to: 5)         → \(counted)")

      let sample = Sample(
        title: "a sample", parts: [.init(name: "bolt", price: 0.25), .init(name: "gift")], counts: ["a": 1],
        bytes: Data([0, 1, 255]), date: Date())
      print("echo(sample)         → \(try await calculator.echo(sample) == sample ? "the same sample" : "another!")")

      do {
        _ = try await calculator.divide(1, by: 0)
      } catch let error as RemoteError {
        print("divide(1, by: 0)     → \(error)")
      }

      let five: Int = try await client.remote.add(2, 3)
      print("remote.add(2, 3)     → \(five)   (no generated code)")
      do {
        try await client.remote.subtract(2, 3)
      } catch let error as RemoteError {
        print("remote.subtract(2,3) → \(error)")
      }
    }
  }
}
