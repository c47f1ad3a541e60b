import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroRPC

/// Collects what the interop tests have seen. `make interop` prints it as a table.
///
/// Rows are appended as JSON, one a line, to the file that `ZERORPC_INTEROP_TABLE` names; without it they are only counted,
/// so that no test can do without.
final class Table: Sendable {
  /// What the current test is about, and its count of rows.
  struct Place: Sendable {
    var area = Area.patterns
    var role = Role.client
    var peer = Peer.raw
    let count: Count
  }

  final class Count: Sendable {
    let rows = Atomic(0)
    let hasFailed = Atomic(false)
  }

  @TaskLocal static var place: Place?

  private static let file: Mutex<FileHandle?> = {
    guard let path = ProcessInfo.processInfo.environment["ZERORPC_INTEROP_TABLE"], !path.isEmpty else {
      return Mutex(nil)
    }
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    let file = FileHandle(forWritingAtPath: path)
    _ = try? file?.seekToEnd()
    return Mutex(file)
  }()

  static func add(_ row: Row) {
    place?.count.rows.add(1, ordering: .relaxed)
    file.withLock { file in
      guard let file, let line = try? JSONEncoder().encode(row) else { return }
      try? file.write(contentsOf: line + Data("\n".utf8))
    }
  }
}

/// Adds a line to the table; the test fails unless what it saw is what it expected.
///
/// - Parameters:
///   - seen: what the peer or Swift did, taken from the run.
///   - reference: how the reference fails in this case, if it does.
func row(
  _ title: String, expected: some Any, seen: some Any, area: Area? = nil, role: Role? = nil, peer: Peer? = nil,
  reference: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  let (expected, seen) = ("\(expected)", "\(seen)")
  row(
    title, expected: expected, seen: seen, if: seen == expected, area: area, role: role, peer: peer,
    reference: reference, sourceLocation: sourceLocation)
}

/// Adds a line to the table for what differs from run to run, such as a duration; the test fails unless it `holds`.
func row(
  _ title: String, expected: String, seen: some Any, if holds: Bool, area: Area? = nil, role: Role? = nil,
  peer: Peer? = nil, reference: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard let place = Table.place else {
    Issue.record("a row outside of a tabulated test: \(title)", sourceLocation: sourceLocation)
    return
  }
  let area = area ?? place.area
  Table.add(
    Row(
      area: area.rawValue, order: Area.allCases.firstIndex(of: area) ?? 0, title: title,
      role: (role ?? place.role).rawValue, peer: (peer ?? place.peer).rawValue, expected: expected, seen: "\(seen)",
      passed: holds, reference: reference))
  if !holds { Issue.record("\(title): expected \(expected), saw \(seen)", sourceLocation: sourceLocation) }
}

/// Evaluates a Python expression and compares what Python prints of it; a line of the table, titled by the expression.
func expect(
  _ python: PythonPeer, _ expression: String, _ expected: String, title: String? = nil, reference: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let seen = try await python.eval(expression)
  row(title ?? expression, expected: expected, seen: seen, reference: reference, sourceLocation: sourceLocation)
}

/// Describes how a call ended: its result, or its error.
func outcome<Result>(_ call: () async throws -> Result) async -> String {
  do {
    let result = try await call()
    return result is Void ? "nothing" : "\(result)"
  } catch let error as RemoteError {
    return "\(error.name): \(error.message)"
  } catch let error as RPCError {
    return "\(error.code)"
  } catch {
    return "\(type(of: error))"
  }
}
