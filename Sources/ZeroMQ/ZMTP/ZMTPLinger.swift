#if os(Linux)
  internal import CZeroMQ
  internal import Synchronization
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  /// Closes connections whose last bytes the system does not take at once: a thread waits for it, within the linger.
  final class ZMTPLinger: @unchecked Sendable {  // used by its thread alone, and by deinit after it
    /// The connections that linger.
    private static let active = Atomic<Int>(0)

    private let descriptor: Int32
    private var output: ZMTPOutput
    private let deadline: UInt64

    private init(_ descriptor: Int32, _ output: consuming ZMTPOutput, _ deadline: UInt64) {
      self.descriptor = descriptor
      self.output = output
      self.deadline = deadline
    }

    /// Closes a connection when its output has left or the time is over.
    static func close(_ descriptor: Int32, _ output: consuming ZMTPOutput, within linger: Duration) {
      let nanoseconds = linger.clampedNanoseconds
      guard !output.isEmpty, nanoseconds > 0 else { return finish(descriptor) }
      let (deadline, overflow) = MonotonicTime.now().addingReportingOverflow(nanoseconds)
      let lingering = ZMTPLinger(descriptor, output, overflow ? .max : deadline)
      active.add(1, ordering: .sequentiallyConsistent)
      startThread(named: "zrpc-linger") { lingering.run() }
    }

    /// Also when no thread could be started.
    deinit {
      ZMTPLinger.finish(descriptor)
      ZMTPLinger.active.subtract(1, ordering: .sequentiallyConsistent)
    }

    /// Waits until nothing lingers any more, because the process exits.
    static func waitForAll(until deadline: UInt64) {
      while active.load(ordering: .sequentiallyConsistent) > 0, MonotonicTime.now() < deadline {
        sleepThread(nanoseconds: 1_000_000)
      }
    }

    private func run() {
      while output.write(to: descriptor) == .wouldBlock {
        let now = MonotonicTime.now()
        guard now < deadline else { break }
        var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&room, 1, Int32(clamping: (deadline &- now) / 1_000_000 + 1))
      }
    }

    /// Closes a connection. What was not read would make the system break it off instead, and what was sent last be lost.
    private static func finish(_ descriptor: Int32) {
      withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { bytes in
        for _ in 0..<64 where readDescriptor(descriptor, bytes) <= 0 { break }
      }
      closeDescriptor(descriptor)
    }
  }
#endif
