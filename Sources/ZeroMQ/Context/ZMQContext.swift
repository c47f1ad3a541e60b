internal import CZeroMQ

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Owns libzmq's I/O threads and the event loop of all sockets made in it.
///
/// One context per process is the default (``shared``), so that `inproc` endpoints meet. A context of one's own
/// separates `inproc` name spaces, for example in tests.
public final class ZMQContext: Sendable {
  /// The context that everything in the process uses unless told otherwise. It lives as long as the process.
  ///
  /// When the process exits, its sockets are closed and what they have not sent yet gets up to their linger to leave.
  public static let shared: ZMQContext = {
    let context = ZMQContext(ioThreads: 1)
    atexit { ZMQContext.shared.flushAtExit() }
    return context
  }()

  /// libzmq's context: thread-safe by its documentation (zmq_ctx_new(3)), so sharing the pointer is sound.
  nonisolated(unsafe) let raw: UnsafeMutableRawPointer?

  /// Opens the sockets of a simulation; nil outside of tests.
  private let openSimulated: (@Sendable (ZMQSocketType) throws(ZMQError) -> any MemorySocket)?

  /// The loop that polls the context's sockets and runs jobs beside them.
  public let eventLoop: EventLoop

  /// Makes a context.
  ///
  /// - Parameters:
  ///   - ioThreads: threads that libzmq uses for its transports; one carries about a gigabyte a second.
  ///   - ioScheduling: whether they may interrupt those who send.
  public init(ioThreads: Int = 1, ioScheduling: ZMQIOScheduling = .batch) {
    raw = zmq_ctx_new()
    if let raw {
      _ = zmq_ctx_set(raw, ZMQ_IO_THREADS, Int32(clamping: max(1, ioThreads)))
      // The default of 1023 is less than what a process with many clients needs; descriptors are the real limit.
      _ = zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, 65_535)
      if let policy = ioScheduling.policy { _ = zmq_ctx_set(raw, ZMQ_THREAD_SCHED_POLICY, policy) }
    }
    eventLoop = EventLoop()
    openSimulated = nil
  }

  /// Makes a context of simulated sockets, for tests: see `EventLoop+Simulation.swift`.
  package init(
    _ simulation: LoopSimulation, _ open: @escaping @Sendable (ZMQSocketType) throws(ZMQError) -> any MemorySocket
  ) {
    raw = nil
    eventLoop = EventLoop(simulation)
    openSimulated = open
  }

  deinit {
    eventLoop.stop()
    // Every socket keeps its context alive, so all are closed here, and termination waits for their linger at most.
    guard let raw else { return }
    let address = UInt(bitPattern: raw)
    startThread(named: "zmq-term") { _ = zmq_ctx_term(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  /// Closes all sockets and waits until what they sent has left, but never longer than ``exitPatience``.
  private func flushAtExit() {
    eventLoop.closeSources()
    guard let raw else { return }
    let gate = ThreadGate()
    let address = UInt(bitPattern: raw)
    startThread(named: "zmq-term") {
      _ = zmq_ctx_term(UnsafeMutableRawPointer(bitPattern: address))
      gate.open()
    }
    gate.wait(atMost: ZMQContext.exitPatience)
    #if os(Linux)
      ZMTPLinger.waitForAll(until: MonotonicTime.now() &+ UInt64(ZMQContext.exitPatience) &* 1_000_000_000)
    #endif
  }

  /// How long an exiting process waits for its sockets, in seconds.
  private static let exitPatience = 2

  /// Opens a socket; the caller becomes its owner.
  package func open(_ type: ZMQSocketType) throws(ZMQError) -> SocketHandle {
    if let openSimulated { return SocketHandle(try openSimulated(type)) }
    guard let raw else {
      throw ZMQError(code: .tooManySockets, message: "the ZeroMQ context could not be created: out of memory")
    }
    guard let socket = zmq_socket(raw, type.number) else {
      throw ZMQError.last("cannot open a \(type) socket")
    }
    return SocketHandle(socket)
  }

  /// Opens a DEALER or ROUTER whose connections the event loop serves; nil where that is not possible.
  ///
  /// - Parameter openOther: opens a socket of libzmq with the same options, for endpoints that the loop does not know.
  package func openServedByLoop(
    _ type: ZMQSocketType, sendHighWaterMark: Int, linger: Duration, reconnectInterval: Duration,
    maximumMessageSize: Int?,
    openOther: @escaping () throws(ZMQError) -> SocketHandle
  ) throws(ZMQError) -> SocketHandle? {
    #if os(Linux)
      guard openSimulated == nil else { return nil }
      var options = ZMTPSocket.Options()
      options.sendHighWaterMark = sendHighWaterMark
      options.linger = linger
      options.reconnectInterval = reconnectInterval
      options.maximumMessageSize = maximumMessageSize
      return SocketHandle(try ZMTPSocket(type, options, openOther: openOther))
    #else
      return nil
    #endif
  }

  /// Whether a socket that the event loop serves can connect to an endpoint.
  package static func canServeByLoop(_ endpoint: String) -> Bool {
    #if os(Linux)
      return ZMTPSocket.canConnect(to: endpoint)
    #else
      return false
    #endif
  }
}
