import Foundation
import Testing

/// Compares text with a committed file. With `ZERORPC_UPDATE_GOLDEN=1` in the environment it writes the file instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = tests.appending(path: "Golden/\(name).golden")
  if ProcessInfo.processInfo.environment["ZERORPC_UPDATE_GOLDEN"] == "1" {
    try Data(text.utf8).write(to: file)
  }
  let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
  let difference = zip(text.split(separator: "\n"), expected.split(separator: "\n")).first { $0 != $1 }
  let comment = difference.map { "rendered: \($0)\nexpected: \($1)" } ?? "one of the texts ends early"
  #expect(text == expected, "\(comment)", sourceLocation: sourceLocation)
}
