/// A reason why a run, or the whole session, cannot go on. The text is for the person at the terminal.
struct BenchError: Error, CustomStringConvertible {
  enum Kind {
    /// One run failed; the session goes on with the others and ends with status 1.
    case failedRun
    /// The subject's program does not offer this mode or transport (exit status 3).
    case unsupported
    /// Ctrl-C or a termination signal.
    case interrupted
  }

  var kind: Kind
  var description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
