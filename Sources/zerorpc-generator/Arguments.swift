/// Holds the command line of the tool.
struct Arguments {
  /// What the tool is asked to do.
  enum Mode: Equatable {
    case write, check, dumpModel
    /// Writes the contracts into a directory.
    case recordContracts(String)
    /// Compares the contracts with those of a directory.
    case checkContracts(String, isStrict: Bool)
    /// Writes Python clients into a directory, or checks that they are up to date.
    case python(String, isCheck: Bool)
  }

  static let usage = """
    usage: zerorpc-generator [--check | --dump-model] [--configuration <file>] [--output <file>] <sources>...
           zerorpc-generator --record-contracts <directory> [--configuration <file>] <sources>...
           zerorpc-generator --check-contracts <directory> [--strict] [--configuration <file>] <sources>...
           zerorpc-generator --python <directory> [--check] [--configuration <file>] <sources or contracts>...

      --output <file>         where the generated code goes; standard output by default
      --check                 write nothing, fail when the output is not up to date
      --dump-model            print the parsed model as JSON instead of code
      --configuration <file>  a zerorpc-config.json
      --record-contracts      write a contract for each service; the sources are all files of the target
      --check-contracts       compare the services with their recorded contracts
      --strict                fail when a compatible change is not recorded, too
      --python                write a typed Python client for each service, or for each contract (.json)

    exit status: 0 nothing is wrong; 1 the sources, the configuration or a contract have errors, or --check failed;
      2 the command line or a file cannot be read; 3 a breaking change; 4 a compatible change, with --strict
    """

  var mode = Mode.write
  var output: String?
  var configuration: String?
  var sources: [String] = []

  /// Reads the words after the name of the tool.
  init(_ words: [String]) throws(UsageError) {
    var words = words[...]
    var isCheck = false
    var isStrict = false
    while let word = words.popFirst() {
      switch word {
      case "--output": output = try Self.value(of: word, from: &words)
      case "--configuration": configuration = try Self.value(of: word, from: &words)
      case "--check": isCheck = true
      case "--strict": isStrict = true
      case "--dump-model": mode = .dumpModel
      case "--record-contracts": mode = .recordContracts(try Self.value(of: word, from: &words))
      case "--check-contracts": mode = .checkContracts(try Self.value(of: word, from: &words), isStrict: false)
      case "--python": mode = .python(try Self.value(of: word, from: &words), isCheck: false)
      case _ where word.hasPrefix("--"): throw UsageError("unknown option '\(word)'")
      default: sources.append(word)
      }
    }
    try apply(isCheck: isCheck, isStrict: isStrict)
  }

  private mutating func apply(isCheck: Bool, isStrict: Bool) throws(UsageError) {
    switch mode {
    case .python(let directory, _): mode = .python(directory, isCheck: isCheck)
    case .checkContracts(let directory, _): mode = .checkContracts(directory, isStrict: isStrict)
    case .write, .check, .dumpModel, .recordContracts:
      if isCheck { mode = .check }
    }
    if mode == .check && output == nil { throw UsageError("--check needs --output") }
    if case .checkContracts = mode { return }
    if isStrict { throw UsageError("--strict needs --check-contracts") }
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
