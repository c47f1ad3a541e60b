#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Says how the system schedules libzmq's I/O threads.
public enum ZMQIOScheduling: Sendable {
  /// A woken I/O thread waits until a processor is free, or the running thread's slice is over (Linux: `SCHED_BATCH`,
  /// see sched(7)).
  ///
  /// libzmq wakes its I/O thread with the first message of several. On a processor that the sender uses too, the kernel would
  /// let it interrupt the sender at once, send that one message and sleep again, once for each message. Where all processors are
  /// busy with other work, a message leaves up to a slice later, some milliseconds. Elsewhere than on Linux, and where the system
  /// does not allow it, this is ``inherited``.
  case batch
  /// As the thread that makes the context's first socket.
  case inherited

  #if os(Linux)
    /// `SCHED_BATCH` of Linux, which `<sched.h>` shows to GNU programs only.
    private static let schedBatch: Int32 = 3
  #endif

  /// What to tell libzmq: a policy of sched(7); nil for none.
  ///
  /// libzmq ends the process when the system refuses the policy, as a sandbox may. So it is tried here before.
  var policy: Int32? {
    switch self {
    case .inherited: return nil
    case .batch:
      #if os(Linux)
        var parameters = sched_param()
        // Whoever chose another policy meant it.
        guard sched_getscheduler(0) == SCHED_OTHER, sched_setscheduler(0, ZMQIOScheduling.schedBatch, &parameters) == 0
        else {
          return nil
        }
        return sched_setscheduler(0, SCHED_OTHER, &parameters) == 0 ? ZMQIOScheduling.schedBatch : nil
      #else
        return nil
      #endif
    }
  }
}
