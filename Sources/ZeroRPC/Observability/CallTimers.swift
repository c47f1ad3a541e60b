#if Metrics
  internal import Metrics
  internal import Synchronization

  /// Keeps the timers of one duration metric, one per method and kind of error.
  final class CallTimers: Sendable {
    private struct Key: Hashable, Sendable {
      let method: String
      let errorType: String
    }

    /// More combinations than this are recorded as `_OTHER`: error names come from peers, and backends forget nothing.
    private static let limit = 1_000
    private static let other = "_OTHER"

    private let label: String
    private let factory: any MetricsFactory
    private let timers = Mutex<[Key: Metrics.Timer]>([:])

    init(_ label: String, _ factory: any MetricsFactory) {
      self.label = label
      self.factory = factory
    }

    /// Records a call; a method of nil does not exist, an error type of nil is success.
    func record(_ method: String?, _ errorType: String?, nanoseconds: UInt64) {
      let key = Key(method: method ?? CallTimers.other, errorType: errorType ?? "")
      timer(for: key).recordNanoseconds(Int64(clamping: nanoseconds))
    }

    private func timer(for key: Key) -> Metrics.Timer {
      let (known, isFull) = timers.withLock { ($0[key], $0.count >= CallTimers.limit) }
      if let known { return known }
      let kept = isFull ? Key(method: CallTimers.other, errorType: key.errorType.isEmpty ? "" : CallTimers.other) : key
      // Made outside of the lock: the backend may take locks of its own.
      let timer = Metrics.Timer(
        label: label,
        dimensions: [
          ("rpc.system.name", "zerorpc"), ("rpc.method", kept.method), ("error.type", kept.errorType),
        ], factory: factory)
      timers.withLock { $0[kept] = timer }
      return timer
    }
  }
#endif
