internal import ArgumentParser
internal import ZeroMQ
internal import ZeroRPC

/// Turns errors into what the user reads and what the shell gets.
enum Failure {
  /// No usable answer came: a time-out, a lost peer, an answer that is none.
  static let unanswered = ExitCode(2)
  /// A result could not be written.
  static let unwritable = ExitCode(74)

  /// Says what the exit codes mean, for the help.
  static let exitCodes = """
    Exit codes:
      0     done, or ended by Ctrl-C where that is how a command ends
      1     the service answered with an error, or an endpoint is in use
      2     no usable answer came: a time-out, a lost peer, no zerorpc
      64    an option, an argument, an endpoint or a key file is wrong
      74    the result could not be written
      130   ended by Ctrl-C in the middle of a call; by SIGTERM it is 143
    """

  /// Prints an error and ends with its exit code. Returns if there is nothing to complain about.
  ///
  /// - Throws: `ExitCode`.
  static func end(with error: any Error) throws {
    switch error {
    case is StandardOutput.Closed:
      // As with `| head -3`: the reader has what it wanted.
      return
    case let error as ExitCode: throw error
    case let error as RemoteError:
      StandardError.write(line: error.description)
      if let traceback = error.traceback?.trimmingSuffix(while: \.isNewline), !traceback.isEmpty {
        StandardError.write(line: String(traceback))
      }
      throw ExitCode.failure
    case let error as ZMQError:
      StandardError.write(line: "zrpc: \(error.message)")
      throw isUsage(error) ? ExitCode.validationFailure : ExitCode.failure
    case let error as MissingMethod:
      StandardError.write(line: "zrpc: \(error)")
      throw ExitCode.failure
    case let error as OutputFile.Problem:
      StandardError.write(line: "zrpc: \(error)")
      throw error.isUsage ? ExitCode.validationFailure : unwritable
    case let error as StandardOutput.WriteError:
      StandardError.write(line: "zrpc: \(error)")
      throw unwritable
    case let error as RPCError:
      StandardError.write(line: "zrpc: \(error.message)")
      throw exitCode(for: error)
    default:
      StandardError.write(line: "zrpc: \(error)")
      throw ExitCode.failure
    }
  }

  private static func exitCode(for error: RPCError) -> ExitCode {
    switch error.code {
    case .invalidEndpoint, .invalidArgument, .invalidConfiguration: .validationFailure
    case .addressInUse, .transport: .failure
    default: unanswered
    }
  }

  /// Whether another command line would help.
  private static func isUsage(_ error: ZMQError) -> Bool {
    switch error.code {
    case .addressInUse, .tooManySockets: false
    default: true
    }
  }
}
