#if !os(Linux)
  #if canImport(Darwin)
    internal import Darwin
  #endif
  internal import Synchronization

  /// Waits for descriptors with poll(2), woken by a pipe: the portable twin of the epoll version.
  final class Poller: Sendable {
    private let watched = Mutex<[Int32: UInt32]>([:])
    private let readEnd: Int32
    private let writeEnd: Int32

    init() {
      var ends: [Int32] = [-1, -1]
      _ = pipe(&ends)
      (readEnd, writeEnd) = (ends[0], ends[1])
      for end in ends {
        _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      }
    }

    deinit {
      close(readEnd)
      close(writeEnd)
    }

    /// Starts reporting `token` while `descriptor` is readable.
    func add(_ descriptor: Int32, token: UInt32) {
      watched.withLock { $0[descriptor] = token }
      wake()
    }

    /// Stops reporting a descriptor.
    func remove(_ descriptor: Int32, token: UInt32) {
      watched.withLock { $0[descriptor] = nil }
    }

    /// Ends a ``wait(nanoseconds:into:)`` that is under way, or the next one. Any thread may call it.
    func wake() {
      var one: UInt8 = 1
      _ = write(writeEnd, &one, 1)
    }

    /// Waits until a descriptor is readable, a wake or the time-out, and appends the tokens that are ready.
    func wait(nanoseconds: UInt64, into ready: inout [UInt32]) {
      let milliseconds =
        nanoseconds == .max ? -1 : Int32(clamping: (nanoseconds / 1_000_000) + (nanoseconds == 0 ? 0 : 1))
      let entries = watched.withLock { Array($0) }
      var polled = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)]
      polled.append(contentsOf: entries.map { pollfd(fd: $0.key, events: Int16(POLLIN), revents: 0) })
      guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else { return }
      if polled[0].revents != 0 {
        var sink = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &sink, sink.count) == sink.count {}
      }
      for (index, entry) in entries.enumerated() where polled[index + 1].revents != 0 {
        ready.append(entry.value)
      }
    }
  }
#endif
