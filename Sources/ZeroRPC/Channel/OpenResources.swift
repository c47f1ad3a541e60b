/// Counts what a client or a server holds for the calls that are open. Nothing of it may outlive them.
package struct OpenResources: Sendable, Equatable, CustomStringConvertible {
  /// Channels in the table.
  package var calls: Int
  /// Timers in the wheel.
  package var timers: Int
  /// Continuations of callers, consumers and producers that wait to be resumed.
  package var continuations: Int
  /// Tasks that run a handler. Those that wait for the next call are not counted.
  package var tasks: Int
  /// Events that ZeroMQ has not taken yet.
  package var events: Int

  package init(calls: Int = 0, timers: Int = 0, continuations: Int = 0, tasks: Int = 0, events: Int = 0) {
    (self.calls, self.timers, self.continuations) = (calls, timers, continuations)
    (self.tasks, self.events) = (tasks, events)
  }

  /// Whether nothing is held.
  package var isZero: Bool { self == OpenResources() }

  package var description: String {
    "\(calls) calls, \(timers) timers, \(continuations) continuations, \(tasks) tasks, \(events) events"
  }

  static func + (left: OpenResources, right: OpenResources) -> OpenResources {
    OpenResources(
      calls: left.calls + right.calls, timers: left.timers + right.timers,
      continuations: left.continuations + right.continuations, tasks: left.tasks + right.tasks,
      events: left.events + right.events)
  }
}
