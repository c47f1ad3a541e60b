package import Logging
internal import Synchronization
internal import ZeroMQ

/// Logs warnings that a peer can cause as often as it likes: the first twenty at once, then one a second, which says how many
/// were left out.
package final class WarningLimiter: Sendable {
  private struct State: Sendable {
    var tokens = WarningLimiter.burst
    var refilledAt: UInt64 = 0
    var leftOut = 0
  }

  private static let burst = 20
  private static let second: UInt64 = 1_000_000_000

  private let logger: Logger
  private let state = Mutex(State())

  package init(_ logger: Logger) { self.logger = logger }

  /// Logs, or counts what is not logged. Costs nothing when the level is off.
  package func log(_ message: @autoclosure () -> Logger.Message, _ metadata: @autoclosure () -> Logger.Metadata) {
    guard logger.logLevel <= .warning, let leftOut = admit(at: MonotonicTime.now()) else { return }
    var metadata = metadata()
    if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
    logger.warning(message(), metadata: metadata)
  }

  /// How many warnings were left out since the last one that was logged; nil when this one is to be left out.
  func admit(at now: UInt64) -> Int? {
    state.withLock { state in
      let seconds = (now &- state.refilledAt) / WarningLimiter.second
      if seconds > 0 {
        state.tokens = min(WarningLimiter.burst, state.tokens + Int(clamping: seconds))
        state.refilledAt = now
      }
      guard state.tokens > 0 else {
        state.leftOut += 1
        return nil
      }
      state.tokens -= 1
      defer { state.leftOut = 0 }
      return state.leftOut
    }
  }
}
