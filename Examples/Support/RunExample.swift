#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Says what an example expected and did not see.
public struct Unexpected: Error, CustomStringConvertible {
  /// What was expected.
  public let description: String

  /// Makes an error that says what was expected.
  public init(description: String) { self.description = description }
}

/// Runs an example that checks itself: it ends the process with status 1 if the example throws, or is not done in time.
///
/// - Parameters:
///   - limit: how long it may take at most, however busy the machine is.
///   - body: the example.
public func runExample(
  within limit: Duration = .seconds(60), _ body: @escaping @Sendable () async throws -> Void
) async {
  let timer = Task {
    try await Task.sleep(for: limit)
    fail("not done within \(limit)")
  }
  do { try await body() } catch { fail("\(error)") }
  timer.cancel()
  print("ok")
}

/// Throws if a condition is false.
public func expect(_ condition: Bool, _ text: @autoclosure () -> String) throws {
  if !condition { throw Unexpected(description: text()) }
}

/// Waits until a condition is true; the time limit of ``runExample(within:_:)`` is that of the wait.
public func waitUntil(_ condition: () async throws -> Bool) async throws {
  while try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
}

private func fail(_ text: String) -> Never {
  print("FAILED: \(text)")
  exit(1)
}
