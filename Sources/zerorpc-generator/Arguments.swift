/// Holds the command line of the tool.
struct Arguments {
  /// What the tool is asked to do.
  enum Mode {
    case write, check, dumpModel
  }

  static let usage = """
    usage: zerorpc-generator [--check | --dump-model] [--configuration <file>] [--output <file>] <sources>...

      --output <file>         where the generated code goes; standard output by default
      --check                 write nothing, fail when the output is not up to date
      --dump-model            print the parsed model as JSON instead of code
      --configuration <file>  a zerorpc-config.json
    """

  var mode = Mode.write
  var output: String?
  var configuration: String?
  var sources: [String] = []

  /// Reads the words after the name of the tool.
  init(_ words: [String]) throws(UsageError) {
    var words = words[...]
    while let word = words.popFirst() {
      switch word {
      case "--output": output = try Self.value(of: word, from: &words)
      case "--configuration": configuration = try Self.value(of: word, from: &words)
      case "--check": mode = .check
      case "--dump-model": mode = .dumpModel
      case _ where word.hasPrefix("--"): throw UsageError("unknown option '\(word)'")
      default: sources.append(word)
      }
    }
    if mode == .check && output == nil { throw UsageError("--check needs --output") }
  }

  private static func value(of option: String, from words: inout ArraySlice<String>) throws(UsageError) -> String {
    guard let value = words.popFirst() else { throw UsageError("\(option) needs a value") }
    return value
  }
}

/// Says that the command line makes no sense.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ problem: String) {
    description = "error: \(problem)\n\(Arguments.usage)"
  }
}
