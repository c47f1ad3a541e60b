internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Notices Ctrl-C and termination, for code that looks from time to time.
///
/// The handler only stores a number: a signal handler may do little more.
enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// The signal that asked to stop, or nil.
  static var signal: Int32? {
    let signal = received.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Starts noticing. A child that dies while we write to it must not end us either.
  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { Interruption.received.store($0, ordering: .relaxed) }
      #else
        action.__sigaction_handler.sa_handler = { Interruption.received.store($0, ordering: .relaxed) }
      #endif
      sigaction(number, &action, nil)
    }
    var ignored = sigaction()
    #if canImport(Darwin)
      ignored.__sigaction_u.__sa_handler = SIG_IGN
    #else
      ignored.__sigaction_handler.sa_handler = SIG_IGN
    #endif
    sigaction(SIGPIPE, &ignored, nil)
  }

  /// Throws if a stop was asked for.
  static func check() throws {
    if let signal { throw BenchError(.interrupted, "stopped by signal \(signal)") }
  }
}
