internal import ZeroMQ

/// Is the time of a test network: a clock that handlers and tests can sleep by, and that a test sets on.
///
/// ```swift
/// struct MyReminder: Reminder {
///   let clock: any Clock<Duration>                    // ContinuousClock() in the program, network.clock in tests
///   func remind(after seconds: Int) async throws -> String {
///     try await clock.sleep(for: .seconds(seconds))
///     return "now"
///   }
/// }
/// ```
///
/// Every time-out, heartbeat and deadline of clients and servers in the network is measured by it. Unless
/// ``advancesAutomatically`` is off, it goes on by itself, in leaps: whenever all tasks in the network wait, it is set to the
/// moment at which the first of them has something to wait for. So a call with a time-out of an hour times out at once, and no
/// test waits for anything.
public final class RPCTestClock: Clock, Sendable {
  /// Is a moment of a test.
  public struct Instant: InstantProtocol, CustomStringConvertible {
    /// The time since the test network was made.
    public let elapsed: Duration

    /// The moment that is so much later.
    public func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }

    /// The time from this moment to another.
    public func duration(to other: Instant) -> Duration { other.elapsed - elapsed }

    /// Whether a moment is before another.
    public static func < (left: Instant, right: Instant) -> Bool { left.elapsed < right.elapsed }

    /// The time since the test network was made.
    public var description: String { "\(elapsed)" }
  }

  /// The first moment, in nanoseconds of the loop. Not 0, which means never to the machines.
  static let start: UInt64 = 1_000_000_000

  private let loop: EventLoop

  init(_ loop: EventLoop) { self.loop = loop }

  /// The moment that it is.
  public var now: Instant { Instant(elapsed: .nanoseconds(loop.now() - RPCTestClock.start)) }

  /// One nanosecond.
  public var minimumResolution: Duration { .nanoseconds(1) }

  /// Sleeps until a moment.
  ///
  /// - Throws: `CancellationError` when the task is cancelled, or the test network has ended.
  public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
    try await loop.sleep(until: nanoseconds(deadline))
  }

  /// Whether the clock goes on by itself when everything in the network waits; true unless changed.
  ///
  /// What waits outside of the network, for real input or output or on the main actor, does not hold it back. A test that
  /// does such things turns this off and calls ``advance(by:)``.
  public var advancesAutomatically: Bool {
    get { loop.simulation?.isAutomatic ?? false }
    set { loop.setAutomatic(newValue) }
  }

  /// Lets a time pass: everything that happens in it happens, in its order, before this returns.
  ///
  /// By zero, it lets everything happen that can happen now.
  public func advance(by duration: Duration) async { await advance(to: now.advanced(by: duration)) }

  /// Lets the time pass up to a moment.
  public func advance(to instant: Instant) async { await loop.advance(to: nanoseconds(instant)) }

  /// Leaps ahead as a clock does for a machine that was suspended, or a process that was stopped: nothing runs meanwhile, and
  /// then everything is late at once. Returns when what can happen at the new moment has happened.
  public func jump(by duration: Duration) async {
    let moment = now.advanced(by: duration)
    loop.leap(to: nanoseconds(moment))
    await advance(to: moment)
  }

  private func nanoseconds(_ instant: Instant) -> UInt64 {
    let (sum, overflow) = instant.elapsed.clampedNanoseconds.addingReportingOverflow(RPCTestClock.start)
    return overflow ? .max : sum
  }
}
