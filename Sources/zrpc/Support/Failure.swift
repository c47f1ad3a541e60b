internal import ArgumentParser
internal import ZeroMQ
internal import ZeroRPC

/// Turns errors into what the user reads and what the shell gets.
enum Failure {
  /// No usable answer came: a time-out, a lost peer, an answer that is none.
  static let unanswered = ExitCode(2)

  /// Prints an error and ends with its exit code. Returns if there is nothing to complain about.
  ///
  /// - Throws: `ExitCode`, or what is not a failure of a call.
  static func end(with error: any Error) throws {
    switch error {
    case is StandardOutput.Closed:
      // As with `| head -3`: the reader has what it wanted.
      return
    case let error as RemoteError:
      StandardError.write(line: error.description)
      if let traceback = error.traceback?.trimmingSuffix(while: \.isNewline), !traceback.isEmpty {
        StandardError.write(line: String(traceback))
      }
      throw ExitCode.failure
    case let error as ZMQError:
      StandardError.write(line: "zrpc: \(error.message)")
      throw ExitCode.validationFailure
    case let error as MissingMethod:
      StandardError.write(line: "zrpc: \(error)")
      throw ExitCode.failure
    case let error as RPCError:
      StandardError.write(line: "zrpc: \(error.message)")
      let isUsage = error.code == .invalidEndpoint || error.code == .invalidArgument
      throw isUsage ? ExitCode.validationFailure : unanswered
    default: throw error
    }
  }
}
