internal import BenchmarkSupport

/// A picture of some of a session's results.
struct Chart {
  /// The name of its file, without extension.
  var name: String
  var svg: String

  /// The charts that a session has results for.
  static func all(of session: Session) -> [Chart] { [] }
}
