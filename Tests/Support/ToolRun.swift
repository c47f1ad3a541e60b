package import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Is a running command whose standard output and standard error are kept apart.
package final class ToolRun: Sendable {
  private let process = Process()
  private let directory: URL

  /// Starts a program; an environment's entries are added to this process's own.
  package init(_ command: [String], environment: [String: String] = [:], at place: URL? = nil) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "zerorpc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    if let place { process.currentDirectoryURL = place }
    process.standardInput = FileHandle.nullDevice
    // Files, not pipes: a pipe that nobody empties would stop the program.
    process.standardOutput = try file("output")
    process.standardError = try file("errors")
    try process.run()
  }

  /// Starts the `zrpc` of this build.
  package static func zrpc(_ arguments: [String]) throws -> ToolRun {
    try ToolRun([try Program.built("zrpc").path] + arguments)
  }

  deinit {
    if process.isRunning { _ = systemKill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: directory)
  }

  private func file(_ name: String) throws -> FileHandle {
    let url = directory.appending(path: name)
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  private func text(_ name: String) -> String {
    (try? String(decoding: Data(contentsOf: directory.appending(path: name)), as: UTF8.self)) ?? ""
  }

  /// What it has written so far.
  package var output: String { text("output") }
  package var errors: String { text("errors") }

  /// The rest of the first whole line of its output that begins with a text, as soon as it is there.
  package func line(after beginning: String) async throws -> String {
    var found: String?
    try await eventually("'\(beginning)' in the output; it wrote: \(errors)") {
      found = self.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .first { $0.hasPrefix(beginning) }.map { String($0.dropFirst(beginning.count)) }
      if found == nil, !self.process.isRunning { throw NeverHappened("it has ended: \(self.errors)") }
      return found != nil
    }
    return found ?? ""
  }

  /// Sends a signal.
  package func signal(_ number: Int32) { _ = systemKill(process.processIdentifier, number) }

  /// Its exit status, once it has ended; negative if it was a signal.
  package func status(within limit: Duration = .seconds(40)) async throws -> Int32 {
    try await eventually("the end of \(process.executableURL?.lastPathComponent ?? "?")", within: limit) {
      !self.process.isRunning
    }
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
