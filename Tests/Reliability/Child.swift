internal import Foundation
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Says what went wrong with the experiment itself.
struct Trouble: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Is this program once more, in a process that can be stopped and killed.
final class Child: Sendable {
  private let arguments: [String]
  private let process = Mutex<Process?>(nil)

  /// Starts the program and waits until it says that it is ready.
  init(_ arguments: [String]) async throws {
    self.arguments = arguments
    try await start()
  }

  deinit { signal(SIGKILL) }

  /// Starts it, again.
  func start() async throws {
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    self.process.withLock { $0 = process }
    let handle = output.fileHandleForReading
    let isReady = await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: handle.availableData.count > 0) }
    }
    try? handle.close()
    try? output.fileHandleForWriting.close()
    guard isReady else { throw Trouble("the program \(arguments) did not start") }
  }

  /// Sends a signal.
  func signal(_ number: Int32) {
    process.withLock { process in
      guard let process, process.isRunning else { return }
      _ = kill(process.processIdentifier, number)
    }
  }

  /// Waits for the end; false if it did not come.
  @discardableResult
  func waitForEnd(seconds: Double = 10) async -> Bool {
    for _ in 0..<Int(seconds * 100) {
      if process.withLock({ $0?.isRunning != true }) { return true }
      try? await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  /// Kills it and starts it again.
  func restart(after pause: Duration = .milliseconds(200), by number: Int32 = SIGKILL) async throws {
    signal(number)
    guard await waitForEnd() else { throw Trouble("the program \(arguments) did not end by signal \(number)") }
    try await Task.sleep(for: pause)
    try await start()
  }
}
