internal import BenchmarkSupport

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Starts children, waits on them, and sees to it that none outlives its purpose.
///
/// All on one thread: whoever waits polls the pipes of every child, so that none blocks on a full one.
final class Supervisor {
  private var children: [ChildProcess] = []

  /// Starts a child.
  func start(_ name: String, _ command: [String], environment: [String: String]) throws -> ChildProcess {
    try Interruption.check()
    let child = try ChildProcess(name: name, command: command, environment: environment)
    children.append(child)
    return child
  }

  /// Waits until the condition holds. Returns false if it did not within the time; throws after Ctrl-C.
  func wait(seconds: Double, until condition: () -> Bool) throws -> Bool {
    let deadline = MonotonicClock.nanoseconds + UInt64(seconds * 1e9)
    while true {
      for child in children { child.refresh() }
      if condition() { return true }
      try Interruption.check()
      let now = MonotonicClock.nanoseconds
      if now >= deadline { return false }
      pollPipes(milliseconds: Int32(min(50, (deadline - now) / 1_000_000 + 1)))
    }
  }

  /// Waits for a child's end.
  func ending(of child: ChildProcess, within seconds: Double) throws -> ChildProcess.Ending? {
    _ = try wait(seconds: seconds) { child.ending != nil }
    return child.ending
  }

  /// Asks a child to stop, and kills its group if it has not within the time. Returns false if it had to be killed.
  @discardableResult
  func stop(_ child: ChildProcess, patience seconds: Double = 5) -> Bool {
    child.closeInput()
    child.signal(SIGTERM)
    let stopped = (try? wait(seconds: seconds) { child.ending != nil }) ?? (child.ending != nil)
    if child.ending == nil { child.signal(SIGKILL) }
    reap(child)
    return stopped
  }

  /// Kills what is left, with the groups that the children may have made. For the end, whatever its reason.
  func killAll() {
    for child in children {
      child.closeInput()
      child.signal(SIGKILL)
    }
    for child in children { reap(child) }
  }

  /// After SIGKILL the end comes surely, but not at once.
  private func reap(_ child: ChildProcess) {
    while child.ending == nil {
      child.refresh()
      if child.ending == nil { usleep(1000) }
    }
    children.removeAll { $0 === child }
  }

  private func pollPipes(milliseconds: Int32) {
    var entries = children.flatMap { [$0.output.pollable, $0.errors.pollable] }.compactMap { descriptor in
      descriptor.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    }
    // A child may close its pipes before it ends, and we learn of its end only by looking.
    let timeout =
      children.contains { $0.ending == nil && $0.output.pollable == nil } ? min(milliseconds, 5) : milliseconds
    poll(&entries, nfds_t(entries.count), timeout)
  }
}
