import ArgumentParser
import Foundation
import ZeroRPC

/// Calls a calculator in every way that a client can, and fails if an answer is not as it should be.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Call a calculator, through the generated stub and without it.")

  @Option(help: ArgumentHelp("Where the calculator listens.", valueName: "endpoint"))
  var connect = "tcp://127.0.0.1:4242"

  func run() async throws {
    try await withRPCClient(connectingTo: connect) { client in
      print("Through the stub CalculatorClient, which the compiler checks against the protocol:")
      try await callThroughStub(CalculatorClient(client))
      print("Through client.remote, which needs no generated code and knows no method:")
      try await callWithoutStub(client.remote)
    }
  }

  private func callThroughStub(_ calculator: CalculatorClient) async throws {
    try show("add(1, 2)", await calculator.add(1, 2), expecting: 3)
    try show("divide(1, by: 4)", await calculator.divide(1, by: 4), expecting: 0.25)

    var numbers: [Int] = []
    for try await number in try await calculator.count(to: 5) { numbers.append(number) }
    try show("count(to: 5)", numbers, expecting: [0, 1, 2, 3, 4])

    let sample = Sample(
      title: "a sample", parts: [.init(name: "bolt", price: 0.25), .init(name: "gift")], counts: ["a": 1],
      bytes: Data([0, 1, 255]), date: Date())
    let echo = try await calculator.echo(sample)
    try show("echo(sample)", echo == sample ? "the same sample" : "\(echo)", expecting: "the same sample")

    do {
      let quotient = try await calculator.divide(1, by: 0)
      throw Unexpected(call: "divide(1, by: 0)", answer: "\(quotient)")
    } catch let error as RemoteError {
      show("divide(1, by: 0)", throwing: error)
    }
  }

  private func callWithoutStub(_ remote: RPCRemote) async throws {
    let five: Int = try await remote.add(2, 3)
    try show("remote.add(2, 3)", five, expecting: 5)

    var numbers: [Int] = []
    for try await number: Int in try await remote.count.stream(3) { numbers.append(number) }
    try show("remote.count.stream(3)", numbers, expecting: [0, 1, 2])

    do {
      let difference = try await remote.subtract(2, 3)
      throw Unexpected(call: "remote.subtract(2, 3)", answer: "\(difference)")
    } catch let error as RemoteError {
      show("remote.subtract(2, 3)", throwing: error)
    }
  }

  /// Prints a call and its answer.
  private func show<Answer: Equatable>(_ call: String, _ answer: Answer, expecting expected: Answer) throws {
    guard answer == expected else { throw Unexpected(call: call, answer: "\(answer)") }
    print("  \(call.padding(toLength: 24, withPad: " ", startingAt: 0))→ \(answer)")
  }

  private func show(_ call: String, throwing error: RemoteError) {
    print("  \(call.padding(toLength: 24, withPad: " ", startingAt: 0))→ throws \(error)")
  }
}

/// Reports an answer that a calculator must not give.
struct Unexpected: Error, CustomStringConvertible {
  let call: String
  let answer: String

  var description: String { "\(call) answered \(answer)" }
}
