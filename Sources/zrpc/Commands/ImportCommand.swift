internal import ArgumentParser
internal import ZeroRPC

/// Writes the Swift protocol of a running service.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Write the Swift protocol of a running service, of any language, for the code generator.",
    discussion: """
      Put the file into a target that uses the plugin ZeroRPCGenerator: a service Cooler is then called by CoolerClient.
        zrpc import tcp://127.0.0.1:4242
        zrpc import tcp://127.0.0.1:4242 -o Sources/App/Cooler.swift
        zrpc import tcp://127.0.0.1:4242 --name Fridge --stream watch

      Names, defaults and documentation are the service's; snake_case becomes camelCase, with directives that keep the names \
      on the wire. Types are those that a Swift service tells, that documentation names (Sphinx, Google and NumPy style), or \
      that a default value has; where none is known stands MessagePackValue. Python and Node do not tell which methods \
      stream: documentation that speaks of a stream or of what it yields counts, and --stream and --value decide.

      Python 3.11 and later cannot tell parameters to zerorpc: those of documented methods are taken from there, and others \
      are written as comments to fill in.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Option(help: ArgumentHelp("The protocol's name; the service's own without.", valueName: "name"))
  var name: String?

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write to this file, not to the standard output.", valueName: "file"),
    completion: .file(extensions: ["swift"]))
  var output: String?

  @Flag(help: "Replace the file if it exists.")
  var force = false

  @Option(help: "Who may use the protocol: public, package or internal.")
  var access: ProtocolWriter.Access = .internal

  @Option(help: ArgumentHelp("This method streams; may be repeated.", valueName: "method"))
  var stream: [String] = []

  @Option(help: ArgumentHelp("This method returns one value; may be repeated.", valueName: "method"))
  var value: [String] = []

  func validate() throws {
    if let name, SwiftName.type(name) != name {
      throw ValidationError("--name takes the name of a Swift type, as in \(SwiftName.type(name)), not '\(name)'")
    }
    if let both = stream.first(where: value.contains) {
      throw ValidationError("'\(both)' is named by both --stream and --value")
    }
    if force, output == nil { throw ValidationError("--force goes with --output") }
  }

  func run() async throws {
    // Before the service is asked: nobody likes to wait for this answer.
    if let output, !force, OutputFile.exists(output) {
      try Failure.end(with: OutputFile.Problem(path: output, reason: "it exists; --force replaces it", isUsage: true))
    }
    try await connection.withClient { client in
      let service = try await ServiceDescription(asking: client)
      var patterns: [String: ImportedMethod.Pattern] = [:]
      for (methods, pattern) in [(stream, ImportedMethod.Pattern.stream), (value, .value)] {
        for method in methods {
          guard service.methods.contains(where: { $0.name == method }) else {
            throw MissingMethod(name: method, service: service, endpoint: connection.endpoint)
          }
          patterns[method] = pattern
        }
      }
      let imported = ImportedService(service, named: name, patterns: patterns)
      let text = ProtocolWriter(service: imported, access: access, origin: connection.endpoint).text
      if let output {
        try OutputFile.write(text, to: output)
      } else {
        try StandardOutput.write(text: text)
      }
      report(imported)
    }
  }

  private func report(_ service: ImportedService) {
    let silent = service.methods.filter { $0.parameters == nil }.map(\.wireName)
    if !silent.isEmpty {
      StandardError.write(
        line: "zrpc: the service does not tell what these methods take, so they are comments: "
          + "\(silent.joined(separator: ", ")); zerorpc on Python 3.11 and later cannot")
    }
    let guessed = service.methods.filter(\.isStreamGuessed).map(\.wireName)
    if !guessed.isEmpty {
      StandardError.write(
        line:
          "zrpc: taken for streams by their documentation: \(guessed.joined(separator: ", ")); --value says otherwise")
    }
    if let output { StandardError.write(line: "zrpc: wrote \(service.name) to \(output)") }
  }
}

extension ProtocolWriter.Access: ExpressibleByArgument {}
