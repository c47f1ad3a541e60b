internal import Synchronization
internal import ZeroRPC

/// Keeps account of every call: it was made, and it was answered or ended with an error.
final class Ledger: Sendable {
  struct Counts: Sendable {
    var made = 0
    var answered = 0
    var wrong = 0
    var failed: [String: Int] = [:]
    /// The seconds that answered and failed calls took.
    var answerTimes: [Double] = []
    var failureTimes: [String: [Double]] = [:]

    var failures: Int { failed.values.reduce(0, +) }
    /// Calls that have ended in one way or another.
    var ended: Int { answered + wrong + failures }
    /// Calls that ended in no way at all. Only when nobody waits any more.
    var lost: Int { made - ended }

    /// The counts in one line.
    var line: String {
      let errors = failed.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      return "made \(made), answered \(answered), failed \(failures)\(errors.isEmpty ? "" : " (\(errors))")"
        + (wrong > 0 ? ", WRONG \(wrong)" : "") + ", lost without a report \(lost)"
    }
  }

  /// More times than these are not kept.
  private static let limit = 200_000
  private let kept: Int
  private let state = Mutex(Counts())

  /// Makes an empty one; times take memory, so long runs do without them.
  init(keepsTimes: Bool = true) { kept = keepsTimes ? Ledger.limit : 0 }

  var counts: Counts { state.withLock { $0 } }

  /// Makes a call and writes down what becomes of it; the closure says whether the answer is right.
  @discardableResult
  func call(_ body: () async throws -> Bool) async -> Bool {
    state.withLock { $0.made += 1 }
    let start = ContinuousClock.now
    do {
      let isRight = try await body()
      let time = seconds(since: start)
      state.withLock { state in
        if isRight { state.answered += 1 } else { state.wrong += 1 }
        if state.answerTimes.count < kept { state.answerTimes.append(time) }
      }
      return true
    } catch {
      let name = Ledger.name(of: error)
      let time = seconds(since: start)
      state.withLock { state in
        state.failed[name, default: 0] += 1
        if state.failureTimes[name, default: []].count < kept {
          state.failureTimes[name, default: []].append(time)
        }
      }
      return false
    }
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }

  static func name(of error: any Error) -> String {
    switch error {
    case let error as RPCError: error.code.description
    case let error as RemoteError: error.name
    case is CancellationError: "cancelled"
    default: "\(type(of: error))"
    }
  }
}

extension [Double] {
  /// The value below which a share of all lies.
  func quantile(_ share: Double) -> Double {
    guard !isEmpty else { return 0 }
    return sorted()[Swift.min(count - 1, Int(Double(count) * share))]
  }
}
