#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  /// Waits for descriptors on Linux: epoll, woken by an eventfd. The portable twin is in `Poller+POSIX.swift`.
  final class Poller: Sendable {
    private let epoll: Int32
    private let wakeDescriptor: Int32

    init() {
      epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
      wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
      // Edge-triggered: every write raises one event, and nobody needs to read the counter back.
      control(EPOLL_CTL_ADD, wakeDescriptor, events: EPOLLIN.rawValue | EPOLLET.rawValue, token: Poller.wakeToken)
    }

    deinit {
      close(epoll)
      close(wakeDescriptor)
    }

    /// Starts reporting `token` while `descriptor` is readable.
    func add(_ descriptor: Int32, token: UInt32) {
      control(EPOLL_CTL_ADD, descriptor, events: EPOLLIN.rawValue, token: token)
    }

    /// Stops reporting a descriptor.
    func remove(_ descriptor: Int32, token: UInt32) {
      control(EPOLL_CTL_DEL, descriptor, events: 0, token: token)
    }

    /// Ends a ``wait(nanoseconds:into:)`` that is under way, or the next one. Any thread may call it.
    func wake() {
      var one: UInt64 = 1
      _ = write(wakeDescriptor, &one, 8)
    }

    /// Waits until a descriptor is readable, a wake or the time-out, and appends the tokens that are ready.
    func wait(nanoseconds: UInt64, into ready: inout [UInt32]) {
      // epoll counts in milliseconds; rounding up keeps a timer from spinning until it is due.
      let milliseconds =
        nanoseconds == .max ? -1 : Int32(clamping: (nanoseconds / 1_000_000) + (nanoseconds == 0 ? 0 : 1))
      withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 64) { events in
        let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), milliseconds)
        guard count > 0 else { return }
        for index in 0..<Int(count) where events[index].data.u32 != Poller.wakeToken {
          ready.append(events[index].data.u32)
        }
      }
    }

    private static let wakeToken = UInt32.max

    private func control(_ operation: Int32, _ descriptor: Int32, events: UInt32, token: UInt32) {
      var event = epoll_event()
      event.events = events
      event.data.u32 = token
      _ = epoll_ctl(epoll, operation, descriptor, &event)
    }
  }
#endif
