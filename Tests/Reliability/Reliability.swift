internal import ArgumentParser

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Injects faults into running servers and clients, and counts what becomes of every call.
@main
struct Reliability: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zerorpc-reliability",
    abstract: "Injects faults into running servers and clients, and counts what becomes of every call.",
    subcommands: [TableCommand.self, SoakCommand.self, ServeCommand.self, LoadCommand.self])
}

/// Runs a server in a process of its own, to be stopped and killed.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

  @OptionGroup var options: ServerOptions

  func run() async throws { try await options.serve() }
}

/// Runs clients in a process of their own, to be stopped and killed.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "load", shouldDisplay: false)

  @Argument var endpoint: String
  @Option var workers = 8
  @Option var method = "work"

  func run() async throws {
    let ledger = Ledger()
    let load = try Load(endpoint, workers: workers, ledger, mix: [method == "blobs" ? .blobs : .work])
    print("ready")
    fflush(nil)
    try await Task.sleep(for: .seconds(3_600))
    await load.stop()
  }
}
