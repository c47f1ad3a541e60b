internal import ZeroMQ

/// Is a task that runs handlers, one call after the other.
///
/// Making a task costs more than everything else about a small call, so tasks are reused: a worker takes calls until none
/// waits. When a handler suspends, its worker waits with it and another takes the next call. A worker whose task gets
/// cancelled, because the caller of its current call is gone, ends with that call and takes no other.
///
/// The connection's lock guards all properties.
final class HandlerWorker: @unchecked Sendable {  // guarded by the connection's lock, see above
  var task: Task<Void, Never>?
  /// Resumed with true to look for calls, with false to end.
  var continuation: UnsafeContinuation<Bool, Never>?
  /// Set before the task is cancelled: whatever comes later must not be hit by that.
  var isRetired = false
  /// Whose call its current handler runs, in the queue's numbers; negative when none runs.
  var peer = -1
}
