import Foundation
import Testing

/// Runs the built tool on sources in a directory of its own, which it removes.
struct Generator {
  /// What a run of the tool has left.
  struct Outcome {
    var status: Int32
    var output: String
    /// The diagnostics, with the names of the files instead of their paths.
    var errors: String
  }

  /// The tool lies in the build directory, beside the test bundle or some folders above it.
  static let executable: URL? = {
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      var directory = URL(fileURLWithPath: argument)
      while directory.path != "/" {
        directory.deleteLastPathComponent()
        for name in ["zerorpc-generator", "zerorpc-generator-tool"] {
          let candidate = directory.appending(path: name)
          var isDirectory: ObjCBool = false
          let exists = FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isDirectory)
          if exists && !isDirectory.boolValue { return candidate }
        }
      }
    }
    return nil
  }()

  let directory: URL

  /// Writes files into a new directory.
  init(_ files: [String: String]) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "zerorpc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: path(of: name)) }
  }

  /// Where a file of the directory lies.
  func path(of name: String) -> URL { directory.appending(path: name) }

  /// Removes the directory.
  func remove() { try? FileManager.default.removeItem(at: directory) }

  /// Runs the tool. An argument that names a file of the directory becomes its path.
  func run(_ arguments: [String]) throws -> Outcome {
    let executable = try #require(Self.executable, "build the product zerorpc-generator before the tests")
    let (output, errors) = (path(of: "stdout"), path(of: "stderr"))
    for file in [output, errors] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments.map { $0.hasPrefix("-") ? $0 : path(of: $0).path }
    // Files, not pipes: a pipe that nobody empties would stop the tool.
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    func text(_ file: URL) throws -> String {
      try String(decoding: Data(contentsOf: file), as: UTF8.self)
        .replacingOccurrences(of: directory.path + "/", with: "")
    }
    return Outcome(status: process.terminationStatus, output: try text(output), errors: try text(errors))
  }

  /// Runs the tool on sources.
  static func run(_ files: [String: String], _ options: [String] = []) throws -> Outcome {
    let generator = try Generator(files)
    defer { generator.remove() }
    return try generator.run(options + files.keys.filter { $0.hasSuffix(".swift") }.sorted())
  }

  /// The diagnostics for requirements of a service `S`. The first requirement stands on line 3.
  static func diagnostics(requirements: String) throws -> String {
    let body = requirements.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    let source = "import ZeroRPC\nprotocol S: RPCService {\n\(body.joined(separator: "\n"))\n}\n"
    return try run(["S.swift": source]).errors
  }
}
