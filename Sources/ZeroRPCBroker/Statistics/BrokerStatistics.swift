internal import ZeroMQ

/// Tells what a broker does and has done since it began.
public struct BrokerStatistics: Codable, Sendable, Hashable {
  /// Tells what one worker does.
  public struct Worker: Codable, Sendable, Hashable {
    /// Its endpoint; behind a bound backend with a number, in the order in which they came.
    public var name: String
    /// `up`, `full` (it does not take what is sent to it), `silent` (it does not answer) or `down`. Only workers that are up
    /// get new calls.
    public var state: String
    /// Channels that are open on it.
    public var inFlight: Int
    /// Calls that it was given.
    public var calls: UInt64
    /// Calls that ended with `OK` or `STREAM_DONE`.
    public var done: UInt64
    /// Calls that ended with `ERR`.
    public var errors: UInt64
    /// Channels that ended because it was lost.
    public var lost: UInt64
    /// Calls that it was given per second, lately.
    public var callsPerSecond: Double
  }

  /// What takes turns, or how else workers are chosen: the name of the policy.
  public var policy: String
  /// Seconds since the broker began.
  public var uptime: Double
  /// Channels that are open, waiting ones included.
  public var channels: Int
  /// Calls that wait for a worker.
  public var waiting: Int
  /// Calls that were accepted.
  public var calls: UInt64
  /// Calls that ended with `OK` or `STREAM_DONE`.
  public var done: UInt64
  /// Calls that ended with `ERR`.
  public var errors: UInt64
  /// Channels that ended because their worker or their client was lost.
  public var lost: UInt64
  /// Channels that were forgotten after silence, or whose caller's deadline passed while they waited.
  public var expired: UInt64
  /// Calls that were accepted per second, lately.
  public var callsPerSecond: Double
  /// Messages that were not passed on, by reason: `malformed`, `noChannel` (late or stray), `fromWorker`, `clientGone`,
  /// `clientFull`, `workerFull`, `workerLost`, and calls that were `overloaded`.
  public var drops: [String: UInt64]
  /// Messages and bytes received from clients, sent to clients, received from workers and sent to workers.
  public var traffic: [UInt64]
  /// The workers that there are.
  public var workers: [Worker]
}

extension BrokerCore {
  /// The statistics of this moment.
  func statistics() -> BrokerStatistics { state.withLock { statistics(&$0, MonotonicTime.now()) } }

  func statistics(_ state: inout State, _ now: UInt64) -> BrokerStatistics {
    var workers: [BrokerStatistics.Worker] = []
    for case .some(var worker) in state.machine.workers {
      let condition = !worker.isUp ? "down" : worker.isSilent ? "silent" : worker.isFull ? "full" : "up"
      workers.append(
        BrokerStatistics.Worker(
          name: worker.name, state: condition, inFlight: worker.inFlight, calls: worker.calls, done: worker.done,
          errors: worker.errors, lost: worker.lost, callsPerSecond: worker.meter.rate(now: now)))
    }
    var counters = state.machine.counters
    let drops = counters.drops.map { ($0.key.rawValue, $0.value) }
    return BrokerStatistics(
      policy: configuration.policy.description, uptime: Double(now &- state.startedAt) / 1e9,
      channels: state.machine.channelCount, waiting: state.machine.waitingCount, calls: counters.calls,
      done: counters.done, errors: counters.errors, lost: counters.lost, expired: counters.expired,
      callsPerSecond: counters.meter.rate(now: now), drops: Dictionary(uniqueKeysWithValues: drops),
      traffic: state.traffic.numbers, workers: workers)
  }
}
