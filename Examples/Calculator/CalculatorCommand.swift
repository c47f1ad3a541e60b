import ArgumentParser

/// Serves a calculator, or calls one.
@main
struct CalculatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calculator", abstract: "Serves a calculator, or shows what a client does with one.",
    subcommands: [Serve.self, Demo.self])
}
