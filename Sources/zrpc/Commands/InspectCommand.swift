internal import ArgumentParser
internal import ZeroRPC

/// Prints what a service tells about itself.
struct InspectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "List the methods of a service, or describe one of them.",
    discussion: """
        zrpc inspect tcp://127.0.0.1:4242             a line for every method
        zrpc inspect tcp://127.0.0.1:4242 greet       all about one of them
        zrpc inspect tcp://127.0.0.1:4242 --json      for programs
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "The method to describe; without it, all are listed.")
  var method: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() async throws {
    try await connection.withClient { client in
      var service = try await ServiceDescription(asking: client)
      guard let method else { return try StandardOutput.write(line: json ? service.json : service.overview) }
      guard let found = service.methods.first(where: { $0.name == method }) else {
        throw MissingMethod(name: method, service: service, endpoint: connection.endpoint)
      }
      service.methods = [found]
      try StandardOutput.write(line: json ? service.json : found.details)
    }
  }
}

/// Reports that a service lacks the method that was asked about.
struct MissingMethod: Error, CustomStringConvertible {
  let name: String
  let service: ServiceDescription
  let endpoint: String

  var description: String {
    let names = service.methods.map(\.name)
    return "\(service.name) at \(endpoint) has no method '\(name)'; "
      + (names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))")
  }
}
