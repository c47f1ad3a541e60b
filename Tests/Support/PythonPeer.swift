internal import Foundation
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Is a Python process with the real zerorpc that does what a test tells it, line by line. It is killed when it is let go.
package final class PythonPeer: Sendable {
  /// The interpreter of the peers: from `ZERORPC_PEER_PYTHON`, else what the project's bootstrap made; nil without either.
  package static let interpreter: String? = {
    if let path = ProcessInfo.processInfo.environment["ZERORPC_PEER_PYTHON"], !path.isEmpty { return path }
    let path = root.appendingPathComponent(".peers/venv/bin/python").path
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// Says why the tests with a Python peer are skipped.
  package static let reason =
    "no Python with zerorpc: set ZERORPC_PEER_PYTHON, or run 'make test', which makes .peers/venv"

  /// The package's root.
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private struct State: Sendable {
    var output = LineBuffer()
    var errors = ""
    var lines: [String] = []
    var hasEnded = false
  }

  private let process: Process
  private let input: FileHandle
  private let state = Mutex(State())

  /// Starts the process, with a script that takes commands a line each; its path is relative to the package.
  package init(script: String = "Tests/InteropTests/Peers/peer.py") throws {
    guard let interpreter = PythonPeer.interpreter else { throw NeverHappened(PythonPeer.reason) }
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process = Process()
    process.executableURL = URL(fileURLWithPath: interpreter)
    process.arguments = ["-u", PythonPeer.root.appendingPathComponent(script).path]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    self.input = input.fileHandleForWriting
    // A peer that died must not end the tests by SIGPIPE.
    signal(SIGPIPE, SIG_IGN)
    try process.run()
    read(output.fileHandleForReading) { state, bytes in
      if let bytes { state.lines += state.output.append(bytes) } else { state.hasEnded = true }
    }
    read(errors.fileHandleForReading) { state, bytes in
      if let bytes { state.errors += String(decoding: bytes, as: UTF8.self) }
    }
  }

  deinit { kill() }

  /// Reads a pipe on a thread of its own until it is closed.
  private func read(_ handle: FileHandle, _ take: @escaping @Sendable (inout State, Data?) -> Void) {
    let descriptor = handle.fileDescriptor
    let box = WeakPeer(self)
    Thread.detachNewThread {
      withExtendedLifetime(handle) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
          let count = systemRead(descriptor, &buffer, buffer.count)
          let data = count > 0 ? Data(buffer[..<count]) : nil
          box.peer?.state.withLock { take(&$0, data) }
          if count <= 0 { return }
        }
      }
    }
  }

  // MARK: Commands

  /// Runs Python statements.
  package func run(_ code: String, within limit: Duration = .seconds(30)) async throws {
    _ = try await command("exec", code, limit)
  }

  /// Evaluates a Python expression and returns its `repr`.
  @discardableResult
  package func eval(_ expression: String, within limit: Duration = .seconds(30)) async throws -> String {
    try await command("eval", expression, limit)
  }

  /// Evaluates an expression whose value is a string without quotes in it.
  package func string(_ expression: String) async throws -> String {
    try await eval(expression).trimmingCharacters(in: CharacterSet(charactersIn: "'\""))
  }

  private struct Answer: Decodable {
    var value: String?
    var error: String?
    var message: String?
  }

  private func command(_ kind: String, _ text: String, _ limit: Duration) async throws -> String {
    let line = try JSONEncoder().encode([kind: text]) + Data("\n".utf8)
    try input.write(contentsOf: line)
    var answer: String?
    do {
      try await eventually("an answer of the Python peer to \(text)", within: limit) {
        try self.state.withLock { state in
          guard !state.lines.isEmpty else {
            if state.hasEnded { throw NeverHappened("the Python peer has ended") }
            return false
          }
          answer = state.lines.removeFirst()
          return true
        }
      }
    } catch {
      throw NeverHappened("\(error)\nstandard error of the peer:\n\(errors)")
    }
    let decoded = try JSONDecoder().decode(Answer.self, from: Data((answer ?? "").utf8))
    if let value = decoded.value { return value }
    throw PythonError(name: decoded.error ?? "?", message: decoded.message ?? "")
  }

  /// What the process wrote to its standard error: its log.
  package var errors: String { state.withLock { $0.errors } }

  // MARK: The process

  /// Stops the process without its knowing, and lets it go on.
  package func suspend() { _ = systemKill(process.processIdentifier, SIGSTOP) }
  package func resume() { _ = systemKill(process.processIdentifier, SIGCONT) }

  /// Kills the process.
  package func kill() {
    if process.isRunning { _ = systemKill(process.processIdentifier, SIGKILL) }
  }
}

/// Is an error that a Python peer raised while it did what it was told.
package struct PythonError: Error, CustomStringConvertible {
  package let name: String
  package let message: String
  package var description: String { "\(name): \(message)" }
}

/// Keeps a reading thread from keeping its peer alive.
private final class WeakPeer: @unchecked Sendable {  // weak references are atomic
  weak var peer: PythonPeer?
  init(_ peer: PythonPeer) { self.peer = peer }
}

/// Cuts bytes into lines.
private struct LineBuffer: Sendable {
  private var rest = Data()

  mutating func append(_ bytes: Data) -> [String] {
    rest.append(bytes)
    var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    rest = parts.popLast().map { Data($0) } ?? Data()
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }
}

// The system's functions, whose names the class uses for its own.
private let systemRead = read
let systemKill = kill
