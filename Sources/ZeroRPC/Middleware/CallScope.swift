internal import MessagePack
internal import Synchronization

/// Holds what calls inherit from where they are made: a deadline, and header entries that travel with them.
///
/// One task-local for both, so that a call looks up one.
final class CallScope: Sendable {
  /// The scope of the current task.
  @TaskLocal static var current: CallScope?

  /// The header entries of all calls inside.
  let headers: [String: MessagePackValue]
  private let ownUser: String?
  private let ownDeadline: Atomic<UInt64>
  private let parent: CallScope?

  /// Makes a scope inside another. Times are nanoseconds of the loop's clock; `UInt64.max` is never.
  init(
    deadline: UInt64 = .max, headers: [String: MessagePackValue], user: String? = nil, inside parent: CallScope?
  ) {
    self.headers = headers
    ownUser = user
    self.parent = parent
    ownDeadline = Atomic(deadline)
  }

  /// When every call inside must have ended: the earliest of the scope's own and those around it.
  var deadline: UInt64 { min(ownDeadline.load(ordering: .relaxed), parent?.deadline ?? .max) }

  /// Who called the handler that the scope is in, if it is known.
  var user: String? { ownUser ?? parent?.user }

  /// Moves the scope's own deadline: that of a handler changes when its first reply is out.
  func move(to deadline: UInt64) { ownDeadline.store(deadline, ordering: .relaxed) }
}
