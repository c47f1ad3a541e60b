import Foundation
import Synchronization
import TestSupport
import Testing

/// Is a running `zrpc` with what it has written.
final class CommandLineRun: Sendable {
  /// The program lies in the build directory, beside the test bundle or some folders above it.
  private static let executable: URL? = {
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      var directory = URL(fileURLWithPath: argument)
      while directory.path != "/" {
        directory.deleteLastPathComponent()
        let candidate = directory.appending(path: "zrpc")
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory)
        if exists && !isDirectory.boolValue { return candidate }
      }
    }
    return nil
  }()

  private let process = Process()
  private let directory: URL

  /// Starts it with arguments.
  init(_ arguments: [String]) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "zrpc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    process.executableURL = Self.executable
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try file("output")
    process.standardError = try file("errors")
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: directory)
  }

  private func file(_ name: String) throws -> FileHandle {
    let url = directory.appending(path: name)
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  private func text(_ name: String) -> String {
    (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
  }

  /// What it has written to its standard output and error so far.
  var output: String { text("output") }
  var errors: String { text("errors") }

  /// The rest of the first line that begins with a word, as soon as it is there.
  func value(of word: String) async throws -> String {
    var value: String?
    try await eventually("a line of zrpc that begins with \(word); it wrote: \(errors)") {
      value = self.output.split(separator: "\n").dropLast(self.output.hasSuffix("\n") ? 0 : 1)
        .first { $0.hasPrefix(word + " ") }.map { String($0.dropFirst(word.count + 1)) }
      return value != nil
    }
    return value ?? ""
  }

  /// Sends a signal.
  func signal(_ number: Int32) { _ = kill(process.processIdentifier, number) }

  /// Its exit status, once it has ended; negative if it was a signal.
  func status() async throws -> Int32 {
    try await eventually("the end of zrpc") { !self.process.isRunning }
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
