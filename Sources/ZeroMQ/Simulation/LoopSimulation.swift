internal import Synchronization

/// Holds the time of a simulated event loop, and what is to happen at which moment of it. `EventLoop+Simulation.swift` says
/// how such a loop runs.
package final class LoopSimulation: Sendable {
  /// Says what happens at a moment.
  enum Action: Sendable {
    case run(@Sendable () -> Void)
    case wake(UnsafeContinuation<Void, any Error>)
  }

  struct Event: Sendable {
    let time: UInt64
    let number: UInt64
    let action: Action
  }

  struct Goal: Sendable {
    let time: UInt64
    let continuation: UnsafeContinuation<Void, Never>
  }

  struct State: Sendable {
    /// What is to happen, the next one last; of two at the same time the one that was planned first comes first.
    var events: [Event] = []
    /// Those who wait until the time has come to a moment and everything up to it has happened, the next one last.
    var goals: [Goal] = []
    var number: UInt64 = 0
    var isAutomatic: Bool
    var isStopped = false
    /// Simulated sockets do not poll; what makes one ready names it.
    var sources: [Int32: any EventSource] = [:]

    mutating func nextNumber() -> UInt64 {
      number += 1
      return number
    }

    mutating func insert(_ event: Event) {
      var (low, high) = (0, events.count)
      while low < high {
        let middle = (low + high) / 2
        if (events[middle].time, events[middle].number) > (event.time, event.number) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      events.insert(event, at: low)
    }

    mutating func insert(_ goal: Goal) {
      let index = goals.firstIndex { $0.time <= goal.time } ?? goals.count
      goals.insert(goal, at: index)
    }
  }

  private let time: Atomic<UInt64>
  let state: Guarded<State>
  /// Says which of so many ready things runs next.
  let choose: @Sendable (Int) -> Int

  /// Makes a time.
  ///
  /// - Parameters:
  ///   - start: the first moment, in nanoseconds; not 0, which the machines take for never.
  ///   - isAutomatic: whether the time goes on by itself when nothing is ready.
  ///   - choose: says which of so many ready things runs next; the first one by default.
  package init(start: UInt64, isAutomatic: Bool, choose: @escaping @Sendable (Int) -> Int = { _ in 0 }) {
    time = Atomic(start)
    state = Guarded(State(isAutomatic: isAutomatic))
    self.choose = choose
  }

  /// The moment, in nanoseconds.
  package var now: UInt64 { time.load(ordering: .acquiring) }

  /// Whether the time goes on by itself when nothing is ready.
  package var isAutomatic: Bool { state.withLock { $0.isAutomatic } }

  /// Plans something for a moment. Who calls it wakes the loop.
  func plan(at time: UInt64, _ action: @escaping @Sendable () -> Void) {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.insert(Event(time: time, number: state.nextNumber(), action: .run(action)))
    }
  }

  /// Performs what is planned up to now.
  func runDueEvents() {
    while true {
      let now = self.now
      let event: Event? = state.withLock { state in
        guard let next = state.events.last, next.time <= now else { return nil }
        return state.events.removeLast()
      }
      switch event?.action {
      case .run(let action): action()
      case .wake(let continuation): continuation.resume()
      case nil: return
      }
    }
  }

  /// Moves the time on if somebody waits for that; false when there is nothing to do but to wait for others.
  ///
  /// - Parameter deadline: when the next source is due.
  func step(deadline: UInt64) -> Bool {
    let (moves, reached): (Bool, UnsafeContinuation<Void, Never>?) = state.withLock { state in
      let next = min(state.events.last?.time ?? .max, deadline)
      if let goal = state.goals.last {
        if next <= goal.time {
          move(to: next)
          return (true, nil)
        }
        move(to: goal.time)
        state.goals.removeLast()
        return (true, goal.continuation)
      }
      guard state.isAutomatic, !state.isStopped, next != .max else { return (false, nil) }
      move(to: next)
      return (true, nil)
    }
    reached?.resume()
    return moves
  }

  /// Whether ``step(deadline:)`` would do something.
  func wantsStep(deadline: UInt64) -> Bool {
    state.withLock { state in
      if !state.goals.isEmpty { return true }
      return state.isAutomatic && !state.isStopped && min(state.events.last?.time ?? .max, deadline) != .max
    }
  }

  /// Sets the time, which never goes back.
  func move(to moment: UInt64) {
    if moment > time.load(ordering: .acquiring) { time.store(moment, ordering: .releasing) }
  }
}
