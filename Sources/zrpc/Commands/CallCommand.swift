internal import ArgumentParser
internal import MessagePack
internal import ZeroRPC

/// Calls one method and prints what it returns.
struct CallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call",
    abstract: "Call a method and print its result, or the items of its stream.",
    discussion: """
        zrpc call tcp://127.0.0.1:4242 greet Ada
        zrpc call tcp://127.0.0.1:4242 add 2 -5 --timeout 5
        zrpc call tcp://127.0.0.1:4242 store '{"name": "Ada"}' '[1, 2]'

      An argument is JSON if it parses as JSON, otherwise a string: 5 is a number, "5" with its quotes a string, and \
      so is hello. Arguments that begin with a dash, other than negative numbers, stand behind --.

      Results are printed as JSON on one line, a stream as one line per item, as they arrive. What JSON cannot say is an \
      object with one key, which arguments may use too:
        {"$binary": "AAEC"}                          bytes, in base64
        {"$date": "2025-11-21T02:00:00.5Z"}          a timestamp
        {"$double": "NaN"}                           NaN, Infinity or -Infinity
        {"$ext": [5, "AAEC"]}                        an extension type and its bytes
        {"$map": [["key", 1], [7, 2]]}               a map whose keys are no strings
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: "The name of the method.")
  var method: String

  // Takes what looks like an option too, or -5 would be one; `values` sorts out the rest.
  @Argument(
    parsing: .allUnrecognized, help: ArgumentHelp("What the method is called with.", valueName: "args"))
  var arguments: [String] = []

  @Flag(help: "Insist that every argument is JSON.")
  var json = false

  func validate() throws {
    _ = try values
  }

  func run() async throws {
    let arguments = try values
    try await connection.withClient { client in
      let reply = try await client.callEither(method) { packer in
        packer.packArrayHeader(arguments.count)
        for argument in arguments { try argument.pack(into: &packer) }
      }
      switch reply {
      case .value(let value): try StandardOutput.write(line: value.json)
      case .stream(let items): for try await item in items { try StandardOutput.write(line: item.json) }
      }
    }
  }

  private var values: [MessagePackValue] {
    get throws { try CallArguments(arguments, strict: json).values }
  }
}
