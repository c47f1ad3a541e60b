internal import Foundation

/// Writes files that the user has named.
enum OutputFile {
  /// Reports that a file could not be written, or should not.
  struct Problem: Error, CustomStringConvertible {
    let path: String
    let reason: String
    /// Whether another command line would help.
    var isUsage = false

    var description: String { "cannot write '\(path)': \(reason)" }
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Writes a text, replacing what was there.
  ///
  /// - Throws: ``Problem``.
  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let code = system.flatMap { $0.domain == NSPOSIXErrorDomain ? Int32($0.code) : nil }
      throw Problem(path: path, reason: code.map { String(cString: strerror($0)) } ?? error.localizedDescription)
    }
  }
}
