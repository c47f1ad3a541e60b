/// The command line of a Swift subject, by the protocol of Benchmarks/README.md.
package enum SubjectCommand: Sendable, Equatable {
  /// Bind, say so, and answer until told to stop. The window is that of a stream's sender, or the high-water mark of one
  /// who pushes or publishes; these also need the size of a message.
  case serve(endpoint: String, mode: LoadMode, window: Int, size: Int)
  /// Make calls and print their result.
  case load(LoadOptions)

  /// A command line that does not fit; the text names the argument.
  package struct Problem: Error, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
  }

  /// Reads the arguments after the program's name. Options named in `extra` belong to the subject alone and are returned
  /// beside the command.
  package static func parse(
    _ arguments: some Sequence<String>, extra: Set<String> = []
  ) throws(Problem) -> (command: SubjectCommand, extra: [String: String]) {
    var rest = arguments.makeIterator()
    guard let role = rest.next() else { throw Problem(description: "the role is missing: serve or load") }
    var values: [String: String] = [:]
    while let option = rest.next() {
      guard option.hasPrefix("--") else { throw Problem(description: "unexpected argument '\(option)'") }
      let name = String(option.dropFirst(2))
      guard known.contains(name) || extra.contains(name) else {
        throw Problem(description: "unknown option '\(option)'")
      }
      guard let value = rest.next() else { throw Problem(description: "\(option) needs a value") }
      values[name] = value
    }
    guard let endpoint = values["endpoint"] else { throw Problem(description: "--endpoint is missing") }
    var options = LoadOptions(endpoint: endpoint, mode: .sequential)
    if let text = values["mode"] {
      guard let mode = LoadMode(rawValue: text) else {
        let all = LoadMode.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(description: "--mode is '\(text)', but must be one of \(all)")
      }
      options.mode = mode
    }
    options.inFlight = try number("in-flight", values) ?? options.inFlight
    options.count = try number("count", values)
    options.seconds = try number("seconds", values)
    options.size = try number("size", values) ?? options.size
    options.warmup = try number("warmup", values) ?? options.warmup
    options.connections = try number("connections", values) ?? options.connections
    options.rate = try number("rate", values)
    let own = values.filter { extra.contains($0.key) }
    switch role {
    case "serve":
      return (.serve(endpoint: endpoint, mode: options.mode, window: options.inFlight, size: options.size), own)
    case "load":
      if let problem = options.problem { throw Problem(description: problem) }
      return (.load(options), own)
    default:
      throw Problem(description: "the role is '\(role)', but must be serve or load")
    }
  }

  private static let known: Set = [
    "endpoint", "mode", "in-flight", "count", "seconds", "size", "warmup", "connections", "rate",
  ]

  private static func number<Number: LosslessStringConvertible>(
    _ name: String, _ values: [String: String]
  ) throws(Problem) -> Number? {
    guard let text = values[name] else { return nil }
    guard let value = Number(text) else { throw Problem(description: "--\(name) is '\(text)', but must be a number") }
    return value
  }
}
