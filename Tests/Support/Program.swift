package import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Is a process that runs a program until it ends by itself, or is let go.
package final class Program: Sendable {
  /// The package's root.
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// An executable of this package, which lies beside the test bundle or some folders above it.
  package static func built(_ name: String) throws -> URL {
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      var directory = URL(fileURLWithPath: argument)
      while directory.path != "/" {
        directory.deleteLastPathComponent()
        let candidate = directory.appending(path: name)
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory)
        if exists && !isDirectory.boolValue { return candidate }
      }
    }
    throw NeverHappened("there is no program '\(name)': build it before the tests")
  }

  /// A program of the interop tests in Python, with the interpreter that runs it.
  package static func python(_ name: String) throws -> [String] {
    guard let interpreter = PythonPeer.interpreter else { throw NeverHappened(PythonPeer.reason) }
    return [interpreter, "-u", root.appending(path: "Tests/InteropTests/Peers/\(name)").path]
  }

  private let process: Process
  private let log: URL

  /// Starts a program.
  package init(_ command: [String]) throws {
    log = FileManager.default.temporaryDirectory.appending(path: "zerorpc-\(UUID().uuidString).log")
    try Data().write(to: log)
    process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = FileHandle.nullDevice
    // A file, not a pipe: a pipe that nobody empties would stop the program.
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    try process.run()
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(at: log)
  }

  /// What the program has written to its standard output and standard error.
  package var output: String { (try? String(decoding: Data(contentsOf: log), as: UTF8.self)) ?? "" }

  /// Waits until the program ends; returns its exit status, or minus the signal that ended it.
  package func status(within limit: Duration = .seconds(30)) async throws -> Int32 {
    try await eventually("the end of \(process.executableURL?.lastPathComponent ?? "?")", within: limit) {
      !process.isRunning
    }
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  /// Kills the program.
  package func kill() {
    if process.isRunning { _ = systemKill(process.processIdentifier, SIGKILL) }
  }
}
