#if os(Linux)
  internal import BenchmarkSupport
  internal import CZeroMQ
  internal import Glibc
  internal import Synchronization
  internal import ZeroMQ

  /// Has the client's event loop hand out the calls of an open loop, as the floor's thread does for itself: no other thread
  /// takes part, that would have to be woken for each call.
  final class LoopPacer: EventSource {
    let registration: EventRegistration
    private let timer: Int32
    private let loop: EventLoop
    private let schedule: LoadSchedule
    private let isOver = Atomic<Bool>(false)

    init(_ schedule: LoadSchedule, on loop: EventLoop) {
      timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
      registration = EventRegistration(descriptor: timer)
      self.loop = loop
      self.schedule = schedule
    }

    func start() { loop.register(self) }

    func service(now: UInt64) -> Bool {
      if isOver.load(ordering: .relaxed) { return false }
      // Setting the timer also takes back its report.
      if let next = schedule.releaseDue() { zrpc_arm_timer(timer, next) } else { close() }
      return false
    }

    func close() {
      guard !isOver.exchange(true, ordering: .relaxed) else { return }
      loop.unregister(self)
      Glibc.close(timer)
    }
  }
#endif
